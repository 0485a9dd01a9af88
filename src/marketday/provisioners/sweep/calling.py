"""Calls AWS: each call in a thread, listings with all their pages; a missing answer is an error."""

import asyncio
import re
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from threading import Lock
from typing import Any

from botocore import xform_name
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from marketday.provisioners.sweep.errors import SweepUnproven

MOST_AT_ONCE = 16
_CONFIG = Config(
    connect_timeout=5,
    read_timeout=20,
    retries={"mode": "standard", "max_attempts": 5},
    max_pool_connections=MOST_AT_ONCE,
)
_ONWARD = ("NextToken", "nextToken", "NextMarker", "Marker")
_AWAY = re.compile(r"NotFound|NoSuch|Non-?[Ee]xist")
_NOT_READY = re.compile(r"Invalid\w+State")

# `boto3.Session().client`, or a function like it: it is called with a service, region_name and config.
ClientFactory = Callable[..., Any]


class Clients:
    """Clients of AWS, one for each service and region, shared by all threads and sweeps."""

    def __init__(self, factory: ClientFactory) -> None:
        """Make clients with `factory`."""
        self._factory = factory
        self._made: dict[tuple[str, str], Any] = {}
        self._making = Lock()

    def of(self, service: str, region: str) -> Any:
        """Return the client of a service in a region."""
        with self._making:  # a session makes one client at a time
            if (service, region) not in self._made:
                self._made[service, region] = self._factory(service, region_name=region, config=_CONFIG)
            return self._made[service, region]


class Caller:
    """Calls AWS for one sweep."""

    def __init__(self, clients: Clients) -> None:
        """Call AWS with `clients`."""
        self._clients = clients
        self._threads = ThreadPoolExecutor(MOST_AT_ONCE, thread_name_prefix="sweep")

    def close(self) -> None:
        """Release the threads, without waiting for answers that are no longer needed."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def ask(
        self, service: str, region: str, call: str, arguments: Mapping[str, Any], *, of_one: bool = False
    ) -> list[Any]:
        """Return all pages of the answer of `call`; none if it is about one thing (`of_one`) that no longer exists.

        Raises:
            SweepUnproven: the service refused, or did not answer; or it says nothing about one thing until it is ready.

        """
        return await asyncio.get_running_loop().run_in_executor(
            self._threads, self._ask, service, region, call, arguments, of_one
        )

    def _ask(self, service: str, region: str, call: str, arguments: Mapping[str, Any], of_one: bool) -> list[Any]:  # noqa: FBT001
        asked = f"{service}:{call} in {region}"
        try:
            return _pages(self._clients.of(service, region), call, arguments)
        except ClientError as error:
            told = error.response.get("Error", {})
            if of_one and _AWAY.search(told.get("Code", "")):
                return []
            not_ready = of_one and bool(_NOT_READY.match(told.get("Code", "")))
            told_text = f"{asked}: {told.get('Code')}: {told.get('Message')}; expected an answer"
            raise SweepUnproven(told_text, not_ready=not_ready) from error
        except BotoCoreError as error:
            raise SweepUnproven(f"{asked}: {error}; expected an answer") from error


def _pages(client: Any, call: str, arguments: Mapping[str, Any]) -> list[Any]:
    method = xform_name(call)
    if client.can_paginate(method):
        return list(client.get_paginator(method).paginate(**arguments))
    answers = [getattr(client, method)(**arguments)]
    while onward := _onward(answers[-1]):
        answers.append(getattr(client, method)(**arguments, **onward))
    return answers


def _onward(answer: Mapping[str, Any]) -> dict[str, Any]:
    if answer.get("HasMoreDeliveryStreams"):
        return {"ExclusiveStartDeliveryStreamName": answer["DeliveryStreamNames"][-1]}
    return {key: answer[key] for key in _ONWARD if answer.get(key)}
