"""All routes of the mall, in the order in which they are tried."""

from fastapi import FastAPI

from marketday.web.mall import api_accounts, api_catalogue, api_orders, catalogue


def install_mall(app: FastAPI) -> None:
    """Add the API and the pages to `app`, whose `state.mall` holds the services."""
    for module in (api_accounts, api_catalogue, api_orders, catalogue):
        app.include_router(module.router)
