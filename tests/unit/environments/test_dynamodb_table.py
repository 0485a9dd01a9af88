import boto3
import pytest
from botocore.stub import Stubber

from marketday.environments.dynamodb.table import Refused, Table
from marketday.environments.errors import RecordsUnavailable

CONFLICT, CONDITION = "TransactionConflict", "ConditionalCheckFailed"


@pytest.fixture
def answers():
    client = boto3.client(
        "dynamodb", region_name="ap-northeast-2", aws_access_key_id="none", aws_secret_access_key="none"
    )
    with Stubber(client) as stubber:
        yield stubber


def cancel(answers, *reasons):
    answers.add_client_error(
        "transact_write_items",
        "TransactionCanceledException",
        modeled_fields={"CancellationReasons": [{"Code": reason} for reason in reasons]},
    )


@pytest.fixture
def write(answers):
    table = Table(answers.client, "runs")
    return lambda: table.write(table.put({"pk": "lock", "sk": "1"}), table.delete("living", "dawn-serum"))


async def test_what_met_another_writer_is_written_again(answers, write):
    cancel(answers, CONFLICT, "None")
    cancel(answers, "None", CONFLICT)
    answers.add_response("transact_write_items", {})
    await write()
    answers.assert_no_pending_responses()


async def test_a_condition_that_no_longer_holds_after_a_conflict_is_refused(answers, write):
    cancel(answers, CONFLICT, "None")
    cancel(answers, "None", CONDITION)
    with pytest.raises(Refused):
        await write()


async def test_conflicts_without_end_are_told_and_are_no_refusal(answers, write):
    for _ in range(6):
        cancel(answers, CONFLICT, "None")
    with pytest.raises(RecordsUnavailable, match=r"table runs.*TransactionCanceled"):
        await write()
    answers.assert_no_pending_responses()
