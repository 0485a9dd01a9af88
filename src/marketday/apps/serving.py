"""How the services that a load balancer reaches are served."""

from collections.abc import Callable

import uvicorn
from fastapi import FastAPI

from marketday.kit.settings import ServiceSettings

# Longer than the load balancer keeps an idle connection (infra/terraform/modules/load_balancer), so that it is always
# the one that closes: a request that meets our closing is answered with 502.
KEEP_ALIVE_SECONDS = 75


def serve(create: Callable[[], FastAPI], settings: ServiceSettings) -> None:
    """Serve until told to stop. `create` is called inside the server's event loop, which an app's pools belong to."""
    uvicorn.run(
        create,
        factory=True,
        host=settings.host,
        port=settings.port,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        log_config=None,
        access_log=False,
    )
