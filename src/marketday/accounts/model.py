"""An account, and the rules for its values."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from marketday.accounts.errors import InvalidEmail, InvalidName, InvalidPassword
from marketday.kit.text import clean, folded, is_blank

SHORTEST_PASSWORD = 10  # bytes of UTF-8
LONGEST_PASSWORD = 200  # bytes: longer than any pass phrase, but short enough to hash quickly
LONGEST_NAME = 100
LONGEST_EMAIL = 254  # RFC 5321, section 4.5.3.1.3, less the angle brackets

_IDEOGRAPHIC_STOP = "\u3002"

# The form that the HTML standard gives <input type=email>, with a domain of at least two labels.
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_EMAIL = re.compile(rf"[A-Za-z0-9.!#$%&'*+/=?^_`{{|}}~-]{{1,64}}@{_LABEL}(?:\.{_LABEL})+")


class Role(StrEnum):
    """The role of an account, which decides what it may do."""

    SHOPPER = "shopper"
    VIEWER = "viewer"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True)
class Account:
    """A person who can sign in."""

    id: UUID
    email: str
    name: str
    role: Role
    created_at: datetime

    @property
    def is_admin(self) -> bool:
        """Whether this account may edit products and see all orders."""
        return self.role is Role.ADMIN

    @property
    def is_viewer(self) -> bool:
        """Whether this account may open the console."""
        return self.role in (Role.VIEWER, Role.ADMIN)


def canonical_email(text: str) -> str:
    """Return the form of an address that is stored, compared and counted; it need not be a valid address.

    It is folded like all text that is compared, its full stops become ASCII, and a full stop at the end is removed.
    """
    return folded(text[: 4 * LONGEST_EMAIL]).replace(_IDEOGRAPHIC_STOP, ".").rstrip(".")


def clean_email(text: str) -> str:
    """Return the canonical form of an address.

    Raises:
        InvalidEmail: it does not have the form of an address, or is longer than 254 characters.

    """
    email = canonical_email(text)
    if len(email) > LONGEST_EMAIL or not _EMAIL.fullmatch(email):
        raise InvalidEmail(f"{email[:80]!r} is not an e-mail address; expected one such as mina@example.com")
    return email


def clean_password(text: str) -> str:
    """Return the password as Unicode NFC, so that it is the same from every keyboard (RFC 8265, section 4.1).

    Raises:
        InvalidPassword: it is shorter than 10 or longer than 200 bytes of UTF-8. The message never contains it.

    """
    password = unicodedata.normalize("NFC", text)
    size = len(password.encode("utf-8", "surrogatepass"))
    if not SHORTEST_PASSWORD <= size <= LONGEST_PASSWORD:
        raise InvalidPassword(f"{size} bytes; expected {SHORTEST_PASSWORD} to {LONGEST_PASSWORD}")
    if any(0xD800 <= ord(letter) <= 0xDFFF for letter in password):  # noqa: PLR2004 - the surrogates
        raise InvalidPassword("it contains half of a surrogate pair; expected valid Unicode text")
    return password


def clean_name(text: str) -> str:
    """Return the name without spaces at its ends.

    Raises:
        InvalidName: it is empty, has more than 100 characters, or a control character.

    """
    name = clean(text)
    if not 1 <= len(name) <= LONGEST_NAME:
        raise InvalidName(f"{len(name)} characters; expected 1 to {LONGEST_NAME}")
    if is_blank(name):
        raise InvalidName("no visible characters; expected at least one")
    if any(unicodedata.category(letter) in ("Cc", "Cs") for letter in name):
        raise InvalidName("it contains a control character; expected letters, digits, marks and spaces")
    return name
