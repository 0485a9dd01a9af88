"""An account, and what may be written into one."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from marketday.accounts.errors import InvalidEmail, InvalidName, InvalidPassword
from marketday.kit.text import clean, folded, is_blank

SHORTEST_PASSWORD = 10  # bytes of UTF-8
LONGEST_PASSWORD = 200  # bytes: far above any pass phrase, far below what would make hashing a burden
LONGEST_NAME = 100
LONGEST_EMAIL = 254  # RFC 5321, section 4.5.3.1.3, less the angle brackets

_IDEOGRAPHIC_STOP = "\u3002"

# The form that the HTML standard gives <input type=email>, with a domain of at least two labels.
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_EMAIL = re.compile(rf"[A-Za-z0-9.!#$%&'*+/=?^_`{{|}}~-]{{1,64}}@{_LABEL}(?:\.{_LABEL})+")


class Role(StrEnum):
    """What an account may do."""

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
        """Say whether this account may edit products and see all orders."""
        return self.role is Role.ADMIN

    @property
    def is_viewer(self) -> bool:
        """Say whether this account may look at the console."""
        return self.role in (Role.VIEWER, Role.ADMIN)


def canonical_email(text: str) -> str:
    """Return the one form of an address that is kept, compared and counted, whether or not it is an address.

    It is folded as all text that is compared, its full stops are those of ASCII, and none stands at its end.
    """
    return folded(text[: 4 * LONGEST_EMAIL]).replace(_IDEOGRAPHIC_STOP, ".").rstrip(".")


def clean_email(text: str) -> str:
    """Return the canonical form of an address.

    Raises:
        InvalidEmail: it has not the form of an address, or more than 254 characters.

    """
    email = canonical_email(text)
    if len(email) > LONGEST_EMAIL or not _EMAIL.fullmatch(email):
        raise InvalidEmail(f"{email[:80]!r} is not an e-mail address; expected one such as mina@example.com")
    return email


def clean_password(text: str) -> str:
    """Return the password as Unicode NFC, so that every keyboard spells it the same (RFC 8265, section 4.1).

    Raises:
        InvalidPassword: it is shorter than 10 or longer than 200 bytes of UTF-8. It is never repeated in the message.

    """
    password = unicodedata.normalize("NFC", text)
    size = len(password.encode("utf-8", "surrogatepass"))
    if not SHORTEST_PASSWORD <= size <= LONGEST_PASSWORD:
        raise InvalidPassword(f"{size} bytes; expected {SHORTEST_PASSWORD} to {LONGEST_PASSWORD}")
    if any(0xD800 <= ord(letter) <= 0xDFFF for letter in password):  # noqa: PLR2004 - the surrogates
        raise InvalidPassword("half a character; expected well-formed Unicode text")
    return password


def clean_name(text: str) -> str:
    """Return the name without spaces around it.

    Raises:
        InvalidName: it is empty, has more than 100 characters, or a control character.

    """
    name = clean(text)
    if not 1 <= len(name) <= LONGEST_NAME:
        raise InvalidName(f"{len(name)} characters; expected 1 to {LONGEST_NAME}")
    if is_blank(name):
        raise InvalidName("nothing of it can be seen; expected at least one visible character")
    if any(unicodedata.category(letter) in ("Cc", "Cs") for letter in name):
        raise InvalidName("a control character; expected letters, digits, marks and spaces")
    return name
