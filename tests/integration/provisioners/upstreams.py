"""Services behind an edge that say who they are."""

import asyncio
import contextlib
from collections import Counter

from aiohttp import web

from marketday.provisioners.local.nginx import LARGEST_BODY

FRESH = "public, max-age=1, stale-while-revalidate=1"  # as the gate says it


class Upstream:
    """A service that says who it is and counts who asks."""

    def __init__(self, name, port=0):
        self.name, self.port, self.asked, self.seen = name, port, Counter(), {}
        self.status, self.headers, self.slow_seconds, self.bodies = 200, {}, 0.0, []

    async def answer(self, request):
        self.asked[request.path] += 1
        self.seen = request.headers
        self.bodies.append(await request.read())
        await asyncio.sleep(self.slow_seconds)
        fresh = {"Cache-Control": FRESH, "Set-Cookie": "a=b"} if request.path.endswith("/now") else {}
        return web.Response(
            text=f"{self.name} {self.asked[request.path]}", status=self.status, headers=fresh | self.headers
        )

    async def start(self, port):
        app = web.Application(client_max_size=10 * LARGEST_BODY)
        app.router.add_route("*", "/{path:.*}", self.answer)
        self.runner = web.AppRunner(app)
        await self.runner.setup()
        await web.TCPSite(self.runner, "127.0.0.1", port).start()

    async def stop(self):
        await self.runner.cleanup()


class Broken:
    """A service that takes connections and never answers; with `ends`, it resets each after the request has come."""

    def __init__(self, port, *, ends=False):
        self.port, self.ends, self.asked, self._writers = port, ends, 0, []

    async def _meet(self, reader, writer):
        self._writers.append(writer)
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            await reader.readuntil(b"\r\n\r\n")
            self.asked += 1
            if self.ends:
                writer.transport.abort()
            await reader.read()

    async def __aenter__(self):
        self._server = await asyncio.start_server(self._meet, "127.0.0.1", self.port)
        return self

    async def __aexit__(self, *_):
        self._server.close()
        for writer in self._writers:
            writer.transport.abort()
