"""The server's HTTP protocol, with two things of our own: hot endpoints, and whole answers.

A hot endpoint (web.hot) is answered here, because a scope, a cycle and the framework cost more than the answer. HTTP
itself is read by the server's own parser, and what is not the usual request of a hot endpoint, such as a pipelined one,
takes the server's usual way.

The head and the body of an answer are sent at once, so that a process that is killed sends all of it or nothing: nginx
passes a request on to another process as long as it has got nothing of an answer.
"""

import asyncio
from typing import Any, cast

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle

from marketday.web.hot import HotAnswer, HotEndpoints, HotRequest

# With another layer around the application the protocol would not see its hot endpoints. Proxies are checked by
# web.site: the server itself would trust every process on this machine as one.
SERVER: dict[str, Any] = {"proxy_headers": False, "log_config": None, "access_log": False}


class _Gathering:
    """A transport that sends what is written in one round of the loop with one call."""

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport = transport
        self._loop = loop
        self._written: list[bytes] = []

    def write(self, data: bytes) -> None:
        """Send `data` in the next round."""
        if data:
            if not self._written:
                self._loop.call_soon(self.flush)
            self._written.append(data)

    def close(self) -> None:
        """Send what was written, then close."""
        self.flush()
        self._transport.close()

    def flush(self) -> None:
        """Send what was written."""
        written, self._written = self._written, []
        if written:
            self._transport.write(b"".join(written))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)


class _HotCycle(RequestResponseCycle):
    """A hot request and its answer; the protocol sees it as a cycle of its own."""

    def __init__(self, hot: HotEndpoints, request: HotRequest, scope: Any, *, keep_alive: bool) -> None:
        self.hot = hot
        self.request = request
        self.scope = scope
        self.keep_alive = keep_alive
        self.message_event = asyncio.Event()
        self.body = bytearray()
        self.more_body = True
        self.disconnected = False
        self.response_complete = False


class Protocol(HttpToolsProtocol):
    """The protocol of one connection."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin a connection."""
        super().connection_made(cast("asyncio.Transport", _Gathering(cast("asyncio.Transport", transport), self.loop)))
        self.hot: HotEndpoints | None = getattr(getattr(self.app, "state", None), "hot", None)

    def on_headers_complete(self) -> None:
        """Begin a request."""
        request = self._hot_request(self.hot) if self.hot is not None else None
        if self.hot is None or request is None:
            super().on_headers_complete()
        else:
            self.cycle = _HotCycle(self.hot, request, self.scope, keep_alive=self.parser.should_keep_alive())

    def _hot_request(self, hot: HotEndpoints) -> HotRequest | None:
        free = self.cycle is None or self.cycle.response_complete
        if not free or self.expect_100_continue or self.parser.should_upgrade() or not self.url.isascii():
            return None
        if self.parser.get_http_version() != "1.1":
            return None
        method, path = self.parser.get_method().decode("ascii"), self.url.decode("ascii")
        request = hot.find(method, path, self.headers)
        if request is not None:  # what the framework needs if it has to answer
            cast("dict[str, Any]", self.scope).update(method=method, path=path, raw_path=self.url, query_string=b"")
        return request

    def on_message_complete(self) -> None:
        """Answer a hot request, now that its body is here."""
        super().on_message_complete()
        cycle = self.cycle
        if isinstance(cycle, _HotCycle) and not cycle.response_complete:
            task = self.loop.create_task(self._answer(cycle))
            task.add_done_callback(self.tasks.discard)
            self.tasks.add(task)

    async def _answer(self, cycle: _HotCycle) -> None:
        cycle.request.content = bytes(cycle.body)
        answer = await cycle.hot.answer(cycle.request)
        if self.flow.write_paused:
            await self.flow.drain()
        if cycle.disconnected:
            return
        if answer is None:
            self._ask_framework(cycle)
        else:
            self._send(cycle, answer)

    def _send(self, cycle: _HotCycle, answer: HotAnswer) -> None:
        fields = [*self.server_state.default_headers, *answer.headers]
        if not cycle.keep_alive:
            fields.append((b"connection", b"close"))
        lines = b"".join([b"%b: %b\r\n" % field for field in fields])
        self.transport.write(b"%b%b\r\n%b" % (STATUS_LINE[answer.status], lines, answer.body))
        cycle.response_complete = True
        if not cycle.keep_alive:
            self.transport.close()
        self.on_response_complete()

    def _ask_framework(self, hot: _HotCycle) -> None:
        """Give the request to the framework, as if its body had just arrived."""
        cycle = RequestResponseCycle(
            scope=hot.scope,
            transport=self.transport,
            flow=self.flow,
            logger=self.logger,
            access_logger=self.access_logger,
            access_log=self.access_log,
            default_headers=self.server_state.default_headers,
            message_event=hot.message_event,
            expect_100_continue=False,
            keep_alive=hot.keep_alive,
            on_response=self.on_response_complete,
        )
        cycle.body, cycle.more_body = hot.body, False
        cycle.message_event.set()
        if self.cycle is hot:
            self.cycle = cycle
        self._start_asgi_task(cycle, self.app)
