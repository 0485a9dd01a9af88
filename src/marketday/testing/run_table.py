"""A run table in an emulated DynamoDB, in this process."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import boto3
from moto import mock_aws

from marketday.environments.dynamodb.table import Table

NAME = "marketday-runs"


@contextmanager
def run_table() -> Iterator[Table]:
    """Make an empty run table, with the keys that the stack `permanent` gives it; it exists while the context lasts."""
    with mock_aws():
        client = boto3.client("dynamodb", region_name="ap-northeast-2")
        client.create_table(
            TableName=NAME,
            KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
            AttributeDefinitions=[
                {"AttributeName": "pk", "AttributeType": "S"},
                {"AttributeName": "sk", "AttributeType": "S"},
            ],
            BillingMode="PAY_PER_REQUEST",
        )
        yield Table(_OneAtATime(client), NAME)


class _OneAtATime:
    """A client that does one call at a time: DynamoDB's writes are atomic, but moto's are not if threads share them."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self._calling = threading.Lock()

    def __getattr__(self, operation: str) -> Callable[..., Any]:
        method = getattr(self._client, operation)

        def call(**arguments: Any) -> Any:
            with self._calling:
                return method(**arguments)

        return call
