"""Make an API write repeatable: put `write: Write` in a route's signature and call `write.once(...)` in its body."""

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Header, Request, Response
from fastapi.responses import JSONResponse

from marketday.kit.idempotency import MissingIdempotencyKey
from marketday.web.mall.idempotency import Idempotency, Work, check_key
from marketday.web.mall.services import MallServices
from marketday.web.problems import Refusal, problem

IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        description="1 to 100 visible ASCII characters. Send the same key again to repeat a write safely.",
    ),
]


async def key_accepted(key: IdempotencyKey = None) -> str | None:
    """Return the key of a write; raises InvalidIdempotencyKey. Only this is needed if repeating a write is harmless."""
    return None if key is None else check_key(key)


Key = Annotated[str | None, Depends(key_accepted)]


@dataclass(frozen=True, slots=True)
class RepeatableWrite:
    """One write request."""

    request: Request
    idempotency: Idempotency
    key: str | None

    async def once(self, owner: UUID, work: Work, *, key_required: bool = False) -> Response:
        """Do `work`, unless there is already an answer for its key; return the answer as JSON or a problem document.

        Raises:
            MissingIdempotencyKey: this write needs a key, and there is none.
            IdempotencyConflict, StillAnswering: see `Idempotency.run`.

        """
        if key_required and self.key is None:
            raise MissingIdempotencyKey("expected the header Idempotency-Key, with a new value for each write")
        answer = await self.idempotency.run(owner, self.key, await self._content(), work)
        if not answer.refused:
            return JSONResponse(answer.body, answer.status)
        return problem(self.request, Refusal(answer.status, **answer.body))

    async def _content(self) -> bytes:
        """Return what must be equal in a repeated request: method, path and body."""
        return b"\0".join((self.request.method.encode(), self.request.url.path.encode(), await self.request.body()))


async def _write(request: Request, mall: MallServices, key: Key) -> RepeatableWrite:
    return RepeatableWrite(request, mall.idempotency, key)


Write = Annotated[RepeatableWrite, Depends(_write)]
