"""One DynamoDB table with the keys `pk` and `sk`."""

import asyncio
from functools import partial
from typing import Any

from boto3.dynamodb.types import TypeDeserializer, TypeSerializer
from botocore.exceptions import BotoCoreError, ClientError

from marketday.environments.errors import RecordsUnavailable

_CONDITION = "ConditionalCheckFailed"
_CONFLICT = "TransactionConflict"  # another process wrote the same item at that moment; we wrote nothing
_ATTEMPTS, _PAUSE = 6, 0.05  # seconds, multiplied by the number of the attempt


class Refused(Exception):
    """The condition of a write is not met."""


class Table:
    """A table that is read and written outside the event loop; botocore's errors become RecordsUnavailable."""

    def __init__(self, client: Any, name: str) -> None:
        """Use the table `name` with boto3's DynamoDB `client`."""
        self._client = client
        self._name = name
        self._serializer, self._deserializer = TypeSerializer(), TypeDeserializer()

    async def get(self, pk: str, sk: str) -> dict[str, Any] | None:
        """Return an item as it is now, with a consistent read, because a replica may be older."""
        answer = await self._read("get_item", Key=self._item({"pk": pk, "sk": sk}), ConsistentRead=True)
        return self._plain(answer["Item"]) if "Item" in answer else None

    async def query(self, pk: str, *, newest: int | None = None) -> list[dict[str, Any]]:
        """Return the items of `pk` in the order of their `sk`; with `newest` only that many, the last one first."""
        asked: dict[str, Any] = {
            "KeyConditionExpression": "pk = :pk",
            "ExpressionAttributeValues": self._item({":pk": pk}),
            "ConsistentRead": True,
            "ScanIndexForward": newest is None,
        }
        if newest is not None:
            asked["Limit"] = newest
        found: list[dict[str, Any]] = []
        while True:
            answer = await self._read("query", **asked)
            found += [self._plain(item) for item in answer["Items"]]
            if newest is not None or "LastEvaluatedKey" not in answer:
                return found
            asked["ExclusiveStartKey"] = answer["LastEvaluatedKey"]

    async def write(self, *writes: dict[str, Any]) -> None:
        """Do all of `writes` (made by `put` and `delete`), or none.

        Raises:
            Refused: the condition of a write is not met.
            RecordsUnavailable: there was no answer; the writes may or may not have been done.

        """
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                await self._ask("transact_write_items", TransactItems=list(writes))
            except ClientError as error:
                reasons = {reason.get("Code") for reason in error.response.get("CancellationReasons", ())}
                if _CONDITION in reasons:
                    raise Refused from None
                if _CONFLICT not in reasons or attempt == _ATTEMPTS:
                    raise RecordsUnavailable(f"table {self._name}: {error}") from error
            else:
                return
            await asyncio.sleep(_PAUSE * attempt)  # then the other write is done, and the next attempt sees it

    def put(
        self,
        item: dict[str, Any],
        *,
        unless_there: bool = False,
        at_version: int | None = None,
        free_at: str = "",
        owner: str = "",
    ) -> dict[str, Any]:
        """Return the write of `item`: only if it is missing, only if it has `at_version`, or as a lease of `owner`.

        A lease replaces one that expired before `free_at`, or the owner's own.
        """
        write: dict[str, Any] = {"TableName": self._name, "Item": self._item(item)}
        if unless_there:
            write["ConditionExpression"] = "attribute_not_exists(pk)"
        elif at_version is not None:
            write |= self._condition("#a = :a", version=at_version)
        elif owner:
            write |= self._condition("attribute_not_exists(pk) OR #a < :a OR #b = :b", until=free_at, owner=owner)
        return {"Put": write}

    def delete(self, pk: str, sk: str, *, owner: str = "") -> dict[str, Any]:
        """Return the removal of an item; with `owner`, only if it is that owner's lease."""
        write: dict[str, Any] = {"TableName": self._name, "Key": self._item({"pk": pk, "sk": sk})}
        return {"Delete": write | (self._condition("#a = :a", owner=owner) if owner else {})}

    def _condition(self, expression: str, **values: Any) -> dict[str, Any]:
        """Return a condition on attributes, which are called #a, #b ... in it, and the values to compare them with."""
        names = dict(zip(("#a", "#b"), values, strict=False))
        compared = self._item({mark.replace("#", ":"): values[name] for mark, name in names.items()})
        return {
            "ConditionExpression": expression,
            "ExpressionAttributeNames": names,
            "ExpressionAttributeValues": compared,
        }

    async def _read(self, operation: str, **arguments: Any) -> dict[str, Any]:
        try:
            return await self._ask(operation, TableName=self._name, **arguments)
        except ClientError as error:
            raise RecordsUnavailable(f"table {self._name}: {error}") from error

    async def _ask(self, operation: str, **arguments: Any) -> dict[str, Any]:
        try:
            answer: dict[str, Any] = await asyncio.to_thread(partial(getattr(self._client, operation), **arguments))
        except BotoCoreError as error:
            raise RecordsUnavailable(f"table {self._name}: {error}") from error
        return answer

    def _item(self, values: dict[str, Any]) -> dict[str, Any]:
        return {name: self._serializer.serialize(value) for name, value in values.items()}

    def _plain(self, item: dict[str, Any]) -> dict[str, Any]:
        return {name: self._deserializer.deserialize(value) for name, value in item.items()}
