"""Ids are UUIDv7: unique without asking a server, and in the order of creation (RFC 9562, section 5.7)."""

from uuid import UUID

from uuid_utils.compat import uuid7

from marketday.kit.errors import Kind, Permanent


class InvalidId(Permanent):
    """This is not an id."""

    kind = Kind.INVALID
    slug = "invalid-id"


def new_id() -> UUID:
    """Return a new UUIDv7."""
    return uuid7()


def parse_id(text: str) -> UUID:
    """Return the UUID in `text`.

    Raises:
        InvalidId: `text` is not a UUID.

    """
    try:
        return UUID(text)
    except ValueError:
        raise InvalidId(f"{text[:80]!r} is not an id; expected a UUID") from None
