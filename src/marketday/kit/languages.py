"""The languages of what staff reads: the report, Slack's messages, the chart of costs, the display of the demo.

Two, where the pages have four (`web/pages.py`): pages are for everyone who shops, also for people who read neither
Korean nor English. These texts are for those who run the mall and its drops, and each of them reads one of the two.
"""

from enum import StrEnum


class StaffLanguage(StrEnum):
    """A language of texts for staff."""

    KO = "ko"
    EN = "en"
