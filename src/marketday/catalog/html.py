"""A product's HTML is written elsewhere: only what formats text gets in."""

import nh3


def clean(html: str) -> str:
    """Return `html` without scripts, styles, forms and anything else that is not formatted text."""
    return nh3.clean(html, link_rel="noopener nofollow").strip()
