"""How every service is served."""

import gc
from collections.abc import Callable
from functools import partial

import uvicorn
from fastapi import FastAPI

from marketday.kit.settings import ServiceSettings
from marketday.kit.steady_loop import SteadyLoop
from marketday.web.protocol import SERVER, Protocol

# Longer than the load balancer keeps an idle connection (infra/terraform/modules/load_balancer), so that the balancer
# always closes first: it answers with 502 if we close a connection while it sends a request.
KEEP_ALIVE_SECONDS = 75
# New objects until a collection of the young, then how many of these until one of the older, and of all.
_GARBAGE = (20_000, 20, 20)
STEADY_LOOP = f"{SteadyLoop.__module__}:{SteadyLoop.__name__}"


def serve(create: Callable[[], FastAPI], settings: ServiceSettings, *, ending_seconds: int | None = None) -> None:
    """Serve until stopped. `create` is called inside the server's event loop, because an app's pools need that loop.

    A client that still reads after `ending_seconds` is disconnected; without it there is no limit.
    """
    uvicorn.run(
        partial(_rested, create),
        factory=True,
        loop=STEADY_LOOP,
        http=Protocol,
        host=settings.host,
        port=settings.port,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=ending_seconds,
        **SERVER,
    )


def _rested(create: Callable[[], FastAPI]) -> FastAPI:
    """Return the app, with a garbage collector that leaves out what was made until now: modules, routes and models.

    Requests make many objects and hardly any garbage with cycles: with its usual settings the collector took about a
    tenth of a busy gate's processor time.
    """
    app = create()
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_GARBAGE)
    return app
