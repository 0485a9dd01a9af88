"""The languages of texts for staff: the report, Slack's messages, the chart of costs, the display of the demo.

There are two, although pages have four (`web/pages.py`): pages are for all shoppers, also for people who read neither
Korean nor English. Each person who runs the mall and its drops reads Korean or English.
"""

from enum import StrEnum


class StaffLanguage(StrEnum):
    """A language of texts for staff."""

    KO = "ko"
    EN = "en"
