"""SKUs and handles: which can be used everywhere, in addresses, carts and commands, and how they are kept.

Both are kept in the form of `kit.text.identifier`; a handle in lower case too.
"""

import re

from marketday.kit.text import identifier, is_blank, is_path_step, unusable

LONGEST_SKU = 255  # Shopify's own limits, for both
LONGEST_HANDLE = 255
_NOT_IN_A_HANDLE = re.compile(r"[\s/\\?#%]")
_WITH_HYPHENS = re.compile(r"-*[\s/\\?#%][\s/\\?#%-]*")


class Unusable(ValueError):
    """No product can have this name; the message says why, and what was expected."""


def sku_of(text: str) -> str:
    """Return a SKU in the form in which it is kept.

    Raises:
        Unusable: it is empty, too long, holds a control character, or a browser would take it for a step in a path.

    """
    if unusable(text.strip()):
        raise Unusable("holds a control character; expected printable characters")
    sku = identifier(text)
    if not 1 <= len(sku) <= LONGEST_SKU:
        raise Unusable(f"has {len(sku)} characters; expected 1 to {LONGEST_SKU}, all printable")
    if is_blank(sku):
        raise Unusable("shows nothing; expected at least one visible character")
    if is_path_step(sku):
        raise Unusable("is a step in a path to a browser ('.' or '..' between slashes); expected another SKU")
    return sku


def plain_handle(text: str) -> str:
    """Return a handle in the form in which it is kept, whether or not a product can have it: to look for one."""
    return identifier(identifier(text).lower())


def handle_of(text: str) -> str:
    """Return a handle in the form in which it is kept.

    Raises:
        Unusable: it is empty, too long, or holds what cannot stand in an address.

    """
    if unusable(text.strip()):
        raise Unusable("holds a control character; expected letters, digits, signs and hyphens")
    handle = plain_handle(text)
    if not 1 <= len(handle) <= LONGEST_HANDLE:
        raise Unusable(f"has {len(handle)} characters; expected 1 to {LONGEST_HANDLE}")
    if is_blank(handle):
        raise Unusable("shows nothing; expected at least one visible character")
    if _NOT_IN_A_HANDLE.search(handle) or is_path_step(handle):
        raise Unusable(r"cannot be part of an address; expected no space, none of / \ ? # %, and not '.' or '..'")
    return handle


def handle_from(text: str) -> str:
    """Return a handle made of `text`, as a shop system makes one of what people write: a hyphen for what has no place.

    Raises:
        Unusable: there is nothing left of it, or it is too long.

    """
    return handle_of(_WITH_HYPHENS.sub("-", identifier(text)) if _NOT_IN_A_HANDLE.search(text) else text)
