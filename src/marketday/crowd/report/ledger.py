"""Read the payment gateway's own ledger over its API."""

import aiohttp

from marketday.crowd.errors import CrowdError
from marketday.crowd.report.model import LedgerLine
from marketday.crowd.targets import LoopbackResolver, check_target


async def read_ledger(gateway_url: str, gateway_key: str, group: str) -> tuple[LedgerLine, ...]:
    """Return the payments of `group`, a drop's slug.

    Raises:
        CrowdError: the gateway does not answer, or refuses the request.
        NotLoopback: it is not on this machine.

    """
    url = f"{check_target(gateway_url)}/ledger"
    headers = {"Authorization": f"Bearer {gateway_key}"}
    connector = aiohttp.TCPConnector(resolver=LoopbackResolver())
    try:
        async with (
            aiohttp.ClientSession(connector=connector, timeout=aiohttp.ClientTimeout(total=30)) as session,
            session.get(url, params={"group": group}, headers=headers) as response,
        ):
            response.raise_for_status()
            lines = await response.json()
    except (aiohttp.ClientError, TimeoutError) as error:
        raise CrowdError(f"the gateway's ledger cannot be read: {type(error).__name__} {error}") from None
    return tuple(
        LedgerLine(str(line["reference"]), line["state"], line["amount_minor"], line["currency"]) for line in lines
    )
