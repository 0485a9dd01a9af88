"""What DMS tells of a table: copied, still to wait for, or wrong."""

import pytest

from marketday.handback.dms import judge
from marketday.handback.errors import CopyDiffers, CopyRefused
from marketday.handback.tables import TABLES
from marketday.testing.dms import DONE


@pytest.mark.parametrize(
    ("told", "failure", "words"),
    [
        ({"ValidationState": "Suspended records", "ValidationSuspendedRecords": 2}, CopyDiffers, "2 suspended"),
        ({"ValidationState": "Error"}, CopyDiffers, "payments: Table completed, Error"),
        ({"TableState": "Table error"}, CopyDiffers, "payments: Table error"),
        ({"TableState": "Table cancelled"}, CopyDiffers, "payments: Table cancelled"),
        ({"FullLoadErrorRows": 4}, CopyDiffers, "4 rows not loaded"),
        ({"ValidationState": "No primary key"}, CopyRefused, "payments: No primary key"),
        ({"ValidationState": "Not enabled"}, CopyRefused, "payments: Not enabled"),
    ],
)
def test_every_state_of_a_table_that_is_wrong(told, failure, words):
    tables = [{**DONE, "TableName": table.name} for table in TABLES]
    tables[7] = {**tables[7], **told}
    with pytest.raises(failure, match=words):
        judge(tables)


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ({"TableState": "Before load"}, "payments: Before load"),
        ({"TableState": "Table is being reloaded"}, "payments: Table is being reloaded"),
        ({"ValidationState": "Pending records"}, "payments: Pending records, 0 rows"),
        ({"ValidationState": "Pending revalidation"}, "payments: Pending revalidation, 0 rows"),
        ({"ValidationPendingRecords": 9}, "payments: Validated, 9 rows"),
        ({"Inserts": 9, "AppliedInserts": 7}, "payments: 9 changes captured, 7 applied"),
        ({"Updates": 1, "Deletes": 1, "AppliedUpdates": 1}, "payments: 2 changes captured, 1 applied"),
    ],
)
def test_every_state_of_a_table_that_is_waited_for(told, words):
    tables = [{**DONE, "TableName": table.name} for table in TABLES]
    tables[7] = {**tables[7], **told}
    assert judge(tables) == [words]


def test_a_table_that_dms_does_not_know_is_not_copied():
    assert judge([{**DONE, "TableName": table.name} for table in TABLES[1:]]) == ["drops: not begun"]
