"""The layer of the mall that answers with kept answers (shared_answers.py), and keeps those that its routes allow."""

import asyncio
import re
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from marketday.web.mall.cart_badge import units_in_cart
from marketday.web.mall.shared_answers import Key, SharedAnswer, SharedAnswers, Shown
from marketday.web.pages import language_of
from marketday.web.sessions import SignInCookies

_KEPT = re.compile(r"/|/search|(/v1)?/products(/[^/]+)?|/categories/[^/]+|/v1/categories|/drops/[^/]+")
_LONGEST_QUERY = 200


def install_shared_answers(app: FastAPI, answers: SharedAnswers, cookies: SignInCookies) -> None:
    """Put the layer around the framework; call this before `install_requests`, whose layer is outside of it."""
    build, app.state.shared_answers = app.build_middleware_stack, answers
    app.build_middleware_stack = lambda: SharedLayer(build(), answers, cookies)  # type: ignore[method-assign]


class SharedLayer:
    """Looks for a kept answer before the framework. Equal requests wait for the first of them."""

    def __init__(self, app: ASGIApp, answers: SharedAnswers, cookies: SignInCookies) -> None:
        """Go around `app`; `cookies` tell who is signed in."""
        self.app = app
        self.answers = answers
        self.cookies = cookies
        self.making: dict[Key, asyncio.Future[None]] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
        elif scope["method"] == "GET":
            await self._read(scope, receive, send)
        else:
            try:
                await self.app(scope, receive, send)
            finally:
                self.answers.doubt()

    async def _read(self, scope: Scope, receive: Receive, send: Send) -> None:
        place, signed_in = self._place(scope)
        if place is None or not await self.answers.current(strictly=signed_in):
            await self.app(scope, receive, send)
            return
        kept = await self.answers.find(place)
        if kept is None and (first := self.making.get(place)) is not None:
            await asyncio.wait([first])
            kept = await self.answers.find(place)
        if kept is None:
            await self._make(place, scope, receive, send)
            return
        scope["route"] = kept.route  # the metrics read its path
        await send(dict(kept.start))
        await send({"type": "http.response.body", "body": kept.body})

    def _place(self, scope: Scope) -> tuple[Key | None, bool]:
        """Return all of a request on which such an answer depends, and whether somebody is signed in.

        It is None if the answer to this request is not kept.
        """
        path, query = scope["path"], scope["query_string"]
        if not _KEPT.fullmatch(path) or b"lang=" in query or len(query) > _LONGEST_QUERY:
            return None, False
        request = Request(scope)
        signed_in = self.cookies.session_of(request) is not None
        if signed_in and path.startswith("/drops/"):  # this page has the person's identity
            return None, True
        seen = () if path.startswith("/v1/") else (language_of(request), units_in_cart(request))
        return (path, query, *seen), signed_in

    async def _make(self, place: Key, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the framework answer, and keep the answer if its route allows it."""
        changes, shown = self.answers.changes, Shown()
        start: Message = {}
        body = b""
        others = None if place in self.making else asyncio.get_running_loop().create_future()

        def made() -> None:
            if shown.kept and _can_be_kept(start):
                self.answers.keep(place, SharedAnswer(start, body, scope.get("route"), shown), changes)
            if others is not None and not others.done():
                del self.making[place]
                others.set_result(None)

        async def noted(message: Message) -> None:
            nonlocal start, body
            if message["type"] == "http.response.start":
                start = dict(message)  # layers outside of this one add headers to the message itself
            else:
                body += message.get("body", b"")
                if not message.get("more_body", False):
                    made()  # before a client that reads slowly has it
            await send(message)

        scope["shown"] = shown
        if others is not None:
            self.making[place] = others
        try:
            await self.app(scope, receive, noted)
        finally:
            shown.kept = False  # it is kept by now, or will not be
            made()


def _can_be_kept(start: Message) -> bool:
    headers: list[tuple[bytes, Any]] = start["headers"]
    return start["status"] == HTTPStatus.OK and not any(name.lower() == b"set-cookie" for name, _ in headers)
