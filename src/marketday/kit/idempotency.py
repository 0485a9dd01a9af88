"""What can be wrong with an idempotency key, wherever writes are repeated by one."""

from marketday.kit.errors import Kind, Permanent


class MissingIdempotencyKey(Permanent):
    """The header Idempotency-Key is missing."""

    kind = Kind.INVALID
    slug = "missing-idempotency-key"


class InvalidIdempotencyKey(Permanent):
    """This cannot be an idempotency key."""

    kind = Kind.INVALID
    slug = "invalid-idempotency-key"


class IdempotencyConflict(Permanent):
    """This idempotency key was used for another request."""

    kind = Kind.UNPROCESSABLE
    slug = "idempotency-conflict"
