"""How every service is served."""

from collections.abc import Callable

import uvicorn
from fastapi import FastAPI

from marketday.kit.settings import ServiceSettings

# Longer than the load balancer keeps an idle connection (infra/terraform/modules/load_balancer), so that it is always
# the one that closes: a request that meets our closing is answered with 502.
KEEP_ALIVE_SECONDS = 75


def serve(create: Callable[[], FastAPI], settings: ServiceSettings, *, ending_seconds: int | None = None) -> None:
    """Serve until stopped. `create` is called inside the server's event loop, which an app's pools belong to.

    A client that still reads after `ending_seconds` is disconnected; without it there is no limit.
    """
    uvicorn.run(
        create,
        factory=True,
        host=settings.host,
        port=settings.port,
        proxy_headers=False,  # it would trust every process on this machine as a proxy; web.site checks who is one
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=ending_seconds,
        log_config=None,
        access_log=False,
    )
