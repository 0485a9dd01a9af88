"""Locks that processes share: each has a connection of its own."""

from marketday.kit.advisory import AdvisoryLocks
from marketday.kit.database import connect


async def test_a_lock_has_one_holder_whatever_the_process(mall_database_url: str):
    one, other = (AdvisoryLocks(lambda: connect(mall_database_url), 30) for _ in range(2))
    try:
        async with one.hold(1, "dawn") as first, other.hold(1, "dawn") as second, other.hold(1, "dusk") as another:
            assert (first, second, another) == (True, False, True)
        async with other.hold(1, "dawn") as again:
            assert again
    finally:
        await one.close()
        await other.close()
