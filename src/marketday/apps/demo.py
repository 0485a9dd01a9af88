"""Opens everything that the day of a demo needs; `marketday demo` uses it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

from marketday.accounts.postgres import PostgresAccountStore, seed_people
from marketday.apps.payment_gateway import open_gateway
from marketday.catalog.postgres import PostgresProductStore
from marketday.crowd.http.setup import look_at_room, loopback_session
from marketday.crowd.report.http import read_ledger
from marketday.crowd.report.postgres import read_mall
from marketday.demo.day import play
from marketday.demo.opened import OpenedMall
from marketday.environments.postgres.store import PostgresEnvironments
from marketday.kit.database import WORK_SECONDS, make_pool
from marketday.provisioners.local.mall_plane import MallPlane


@asynccontextmanager
async def open_mall(plane: MallPlane) -> AsyncIterator[OpenedMall]:
    """Open the parts of a running mall that the day needs."""
    async with (
        make_pool(plane.database_url, max_size=4, application="demo", seconds=WORK_SECONDS) as pool,
        open_gateway(plane.gateway_url, plane.gateway_key) as gateway,
        loopback_session() as session,
    ):
        yield OpenedMall(
            accounts=PostgresAccountStore(pool),
            products=PostgresProductStore(pool),
            environments=PostgresEnvironments(pool),
            seed_people=partial(seed_people, pool),
            look_at_room=partial(look_at_room, session),
            read_evidence=partial(read_mall, pool),
            read_ledger=partial(read_ledger, plane.gateway_url, plane.gateway_key),
            has_payment_key=gateway.is_known,
        )


play_demo = partial(play, open_mall)
