"""Titles, SKUs and handles: which texts are allowed, and in which form they are stored.

SKUs and handles are used in addresses, carts and commands, so they are stored in the form of `kit.text.identifier`; a
handle also in lower case.
"""

import re

from marketday.kit.text import clean, identifier, is_blank, is_path_step, unusable

LONGEST_SKU = 255  # Shopify's own limits, for both
LONGEST_HANDLE = 255
_LONGEST_TYPED = 4 * 255  # composing ten thousands of accents takes seconds, so longer texts are not even looked at
_NOT_IN_A_HANDLE = re.compile(r"[\s/\\?#%]")
_WITH_HYPHENS = re.compile(r"-*[\s/\\?#%][\s/\\?#%-]*")


class Unusable(ValueError):
    """This name cannot be used; the message says why, and what was expected."""


def title_of(text: str) -> str:
    """Return a title in the form in which it is stored.

    Raises:
        Unusable: it has no visible character, or contains a control character.

    """
    title = clean(text)
    if unusable(title):
        raise Unusable("contains a control character; expected printable characters")
    if is_blank(title):
        raise Unusable("has no visible character; expected a title")
    return title


def sku_of(text: str) -> str:
    """Return a SKU in the form in which it is stored.

    Raises:
        Unusable: it is empty or too long, contains a control character, or browsers would read it as a path step.

    """
    _require_short(text, LONGEST_SKU)
    if unusable(text.strip()):
        raise Unusable("contains a control character; expected printable characters")
    sku = identifier(text)
    if not 1 <= len(sku) <= LONGEST_SKU:
        raise Unusable(f"has {len(sku)} characters; expected 1 to {LONGEST_SKU}, all printable")
    if is_blank(sku):
        raise Unusable("has no visible character; expected at least one")
    if is_path_step(sku):
        raise Unusable(
            "contains a path step ('.' or '..' between slashes), which browsers change; expected another SKU"
        )
    return sku


def plain_handle(text: str) -> str:
    """Return a handle in the form in which it is stored, without checking it: used for searching."""
    return identifier(identifier(text).lower())


def handle_of(text: str) -> str:
    """Return a handle in the form in which it is stored.

    Raises:
        Unusable: it is empty, too long, or contains a character that is not allowed in an address.

    """
    _require_short(text, LONGEST_HANDLE)
    if unusable(text.strip()):
        raise Unusable("contains a control character; expected letters, digits, signs and hyphens")
    handle = plain_handle(text)
    if not 1 <= len(handle) <= LONGEST_HANDLE:
        raise Unusable(f"has {len(handle)} characters; expected 1 to {LONGEST_HANDLE}")
    if is_blank(handle):
        raise Unusable("has no visible character; expected at least one")
    if _NOT_IN_A_HANDLE.search(handle) or is_path_step(handle):
        raise Unusable(r"cannot be part of an address; expected no space, none of / \ ? # %, and not '.' or '..'")
    return handle


def handle_from(text: str) -> str:
    """Return a handle made from `text`, as shop systems do: characters that are not allowed become hyphens.

    Raises:
        Unusable: nothing is left of it, or it is too long.

    """
    return handle_of(_WITH_HYPHENS.sub("-", identifier(text)) if _NOT_IN_A_HANDLE.search(text) else text)


def _require_short(text: str, longest: int) -> None:
    if len(text) > _LONGEST_TYPED:
        raise Unusable(f"has {len(text)} characters; expected 1 to {longest}, all printable")
