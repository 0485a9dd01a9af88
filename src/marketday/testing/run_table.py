"""A run table in an emulated DynamoDB, in this process."""

from collections.abc import Iterator
from contextlib import contextmanager

import boto3
from moto import mock_aws

from marketday.environments.dynamodb_table import Table

NAME = "marketday-runs"


@contextmanager
def run_table() -> Iterator[Table]:
    """Make an empty run table, with the keys of the stack `permanent`, for as long as the context lasts."""
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
        yield Table(client, NAME)
