"""What can be wrong with an idempotency key, which makes it safe to repeat a write."""

from marketday.kit.errors import Kind, Permanent


class MissingIdempotencyKey(Permanent):
    """The header Idempotency-Key is missing."""

    kind = Kind.INVALID
    slug = "missing-idempotency-key"


class InvalidIdempotencyKey(Permanent):
    """This is not a valid idempotency key."""

    kind = Kind.INVALID
    slug = "invalid-idempotency-key"


class IdempotencyConflict(Permanent):
    """This idempotency key was used for another request."""

    kind = Kind.UNPROCESSABLE
    slug = "idempotency-conflict"
