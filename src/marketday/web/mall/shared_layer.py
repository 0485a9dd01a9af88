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
_READING = frozenset({"GET", "HEAD", "OPTIONS"})


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
        if scope["type"] != "http" or scope["method"] in _READING:
            key = self._key(scope) if scope["type"] == "http" and scope["method"] == "GET" else None
            if key is None or not await self.answers.current(strictly=key[-1] is True):
                await self.app(scope, receive, send)
            else:
                await self._answer(key, scope, receive, send)
            return
        try:
            await self.app(scope, receive, send)
        finally:
            self.answers.doubt()

    def _key(self, scope: Scope) -> Key | None:
        """Return all of a request on which such an answer depends, None if this request's answer is not kept."""
        path, query = scope["path"], scope["query_string"]
        if not _KEPT.fullmatch(path) or b"lang=" in query or len(query) > _LONGEST_QUERY:
            return None
        request = Request(scope)
        signed_in = self.cookies.session_of(request) is not None
        if signed_in and path.startswith("/drops/"):  # this page has the person's identity
            return None
        seen = () if path.startswith("/v1/") else (language_of(request), units_in_cart(request))
        return (path, query, *seen, signed_in)

    async def _answer(self, key: Key, scope: Scope, receive: Receive, send: Send) -> None:
        place = key[:-1]
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

    async def _make(self, place: Key, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the framework answer, and keep the answer if its route allows it."""
        changes, shown, messages = self.answers.changes, Shown(), list[Message]()

        async def noted(message: Message) -> None:
            messages.append(dict(message))  # layers outside of this one add headers to the message itself
            await send(message)

        scope["shown"] = shown
        others = None if place in self.making else asyncio.get_running_loop().create_future()
        if others is not None:
            self.making[place] = others
        try:
            await self.app(scope, receive, noted)
            if messages and shown.kept and _can_be_kept(messages[0]):
                body = b"".join(part.get("body", b"") for part in messages[1:])
                self.answers.keep(place, SharedAnswer(messages[0], body, scope.get("route"), shown), changes)
        finally:
            if others is not None:
                del self.making[place]
                others.set_result(None)


def _can_be_kept(start: Message) -> bool:
    headers: list[tuple[bytes, Any]] = start["headers"]
    return start["status"] == HTTPStatus.OK and not any(name.lower() == b"set-cookie" for name, _ in headers)
