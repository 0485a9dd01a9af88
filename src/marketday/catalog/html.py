"""Clean a product's HTML, which comes from outside: only text formatting is kept."""

import nh3


def clean(html: str) -> str:
    """Return `html` without scripts, styles, forms and everything else that is not text formatting."""
    return nh3.clean(html, link_rel="noopener nofollow").strip()
