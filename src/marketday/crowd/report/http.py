"""Read the payment gateway's own ledger over its API."""

import aiohttp

from marketday.crowd.errors import CrowdError
from marketday.crowd.http.setup import loopback_session
from marketday.crowd.report.model import LedgerLine
from marketday.crowd.targets import check_target
from marketday.kit.bearer import bearer_header

_TIMEOUT = aiohttp.ClientTimeout(total=30)


async def read_ledger(gateway_url: str, gateway_key: str, group: str) -> tuple[LedgerLine, ...]:
    """Return the payments of `group`, a drop's slug.

    Raises:
        CrowdError: the gateway does not answer, or refuses the request.
        NotLoopback: the gateway is not on this machine.

    """
    url = f"{check_target(gateway_url)}/ledger"
    headers = bearer_header(gateway_key)
    try:
        async with (
            loopback_session() as session,
            session.get(url, params={"group": group}, headers=headers, timeout=_TIMEOUT) as response,
        ):
            response.raise_for_status()
            lines = await response.json()
    except (aiohttp.ClientError, TimeoutError) as error:
        raise CrowdError(f"the gateway's ledger cannot be read: {type(error).__name__} {error}") from None
    return tuple(
        LedgerLine(str(line["reference"]), line["state"], line["amount_minor"], line["currency"]) for line in lines
    )
