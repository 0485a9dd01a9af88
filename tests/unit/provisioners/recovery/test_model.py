"""What a recovery refuses, finds missing and reports."""

from datetime import UTC, datetime, timedelta

import pytest

from marketday.provisioners.recovery.errors import WrongRegion
from marketday.provisioners.recovery.model import (
    DatabaseCopy,
    Presence,
    RecoveryRecord,
    RecoverySite,
    StepDone,
    StepName,
    choose_site,
    judged_copy,
    moved,
    naming,
    newest,
    report,
    spoken,
)

SEOUL, TOKYO = "ap-northeast-2", "ap-northeast-1"
KNOWN = {
    **dict.fromkeys((SEOUL, TOKYO, "ap-northeast-3", "us-east-1", "us-west-2"), "aws"),
    "cn-north-1": "aws-cn",
    "cn-northwest-1": "aws-cn",
}
LOST = datetime(2030, 12, 10, 11, tzinfo=UTC)
HOUR = timedelta(hours=1)


def a_copy(minutes, name="marketday-prod", **more):
    return DatabaseCopy(name, LOST - timedelta(minutes=minutes), f"arn:{minutes}", "arn:key", **more)


def test_copies_go_to_a_region_near_by_and_never_to_the_lost_one():
    assert choose_site(SEOUL, TOKYO, None, KNOWN) == RecoverySite(SEOUL, TOKYO, "ap-northeast-3")
    assert choose_site(SEOUL, TOKYO, "us-west-2", KNOWN).copies_to == "us-west-2"
    assert choose_site("us-west-2", "ap-northeast-3", None, KNOWN).copies_to == TOKYO


@pytest.mark.parametrize(
    ("lost", "here", "copies_to", "words"),
    [
        (SEOUL, "ap-northeast-9", None, "REGION is 'ap-northeast-9'; expected a region of AWS, such as ap-no"),
        (SEOUL, "tokyo", None, "REGION is 'tokyo'"),
        (SEOUL, TOKYO + "a", None, "REGION is 'ap-northeast-1a'"),
        ("seoul", TOKYO, None, "--from is 'seoul'"),
        (SEOUL, SEOUL, None, "the region that is lost"),
        (SEOUL, "cn-north-1", None, "in the partition aws-cn"),
        (SEOUL, TOKYO, SEOUL, "--copies-to"),
        (SEOUL, TOKYO, TOKYO, "--copies-to"),
        (SEOUL, TOKYO, "cn-north-1", "--copies-to"),
        ("us-east-1", TOKYO, None, "nothing can be recovered without it"),
    ],
)
def test_a_region_that_cannot_be_used_is_refused_by_its_name(lost, here, copies_to, words):
    with pytest.raises(WrongRegion, match=words):
        choose_site(lost, here, copies_to, KNOWN)


def test_the_newest_copy_is_taken_and_one_that_is_too_old_stops_everything():
    copies = [a_copy(90), a_copy(5), a_copy(7, snapshot=True), a_copy(1, "md-3f9a1c2e")]
    assert newest(copies, "marketday-prod") == copies[1]
    assert newest(copies, "other") is None
    found = judged_copy(copies[1], LOST, HOUR, "marketday-prod")
    assert (found.state, found.detail) == (Presence.THERE, "backups to 2030-12-10T10:55:00Z, 5 min before the loss")
    old = judged_copy(copies[0], LOST, HOUR, "marketday-prod")
    assert old.state is Presence.MISSING
    assert "--oldest 91" in old.line()
    assert judged_copy(copies[0], LOST, timedelta(minutes=91), "marketday-prod").state is Presence.THERE
    assert judged_copy(None, LOST, HOUR, "marketday-prod").state is Presence.MISSING


def test_a_copy_is_restored_as_what_it_is():
    assert a_copy(5).restore_from == {"backups_arn": "arn:5", "kms_key_arn": "arn:key"}
    assert a_copy(5, snapshot=True).restore_from == {"snapshot_arn": "arn:5", "kms_key_arn": "arn:key"}


def test_values_that_name_the_lost_region_are_found_wherever_they_stand():
    values = {
        "a": {"b": ["x", f"arn:aws:kms:{SEOUL}:1:key"]},
        "zone": f"{SEOUL}a",
        "c": f"{SEOUL}0",
        "n": 3,
        "t": TOKYO,
    }
    assert naming(values, SEOUL) == ["a.b[1]", "zone"]


def test_a_copied_secret_has_the_same_arn_but_for_its_region():
    site = RecoverySite(SEOUL, TOKYO, "us-west-2")
    arn = f"arn:aws:secretsmanager:{SEOUL}:123456789012:secret:drops/gateway-key-AbCdEf"
    assert moved(arn, site) == arn.replace(SEOUL, TOKYO)
    for other in ("arn:aws:secretsmanager:us-west-2:1:secret:x", "a-name"):
        assert moved(other, site) == other


def test_times_are_spoken():
    spans = [timedelta(seconds=5), timedelta(seconds=60), timedelta(seconds=245), timedelta(minutes=200)]
    assert [spoken(span) for span in spans] == ["5 s", "1 min", "4 min 5 s", "3 h 20 min"]


def test_a_record_is_read_as_it_was_written_and_a_repeated_step_keeps_its_beginning():
    record = RecoveryRecord(
        RecoverySite(SEOUL, TOKYO, "us-west-2"), LOST, LOST + HOUR, copy=a_copy(4), came_back=LOST + 2 * HOUR
    )
    first = StepDone(LOST + HOUR, LOST + HOUR + timedelta(seconds=9), "made")
    record = record.with_step(StepName.BASE, first)
    record = record.with_step(StepName.BASE, StepDone(LOST + 3 * HOUR, LOST + 3 * HOUR, "again"))
    assert record.steps[StepName.BASE] == StepDone(first.began, LOST + 3 * HOUR, "again")
    assert RecoveryRecord.from_json(record.to_json(), record.site) == record
    told = "\n".join(report(record))
    assert "RTO so far: 3 h since the loss at 2030-12-10T11:00:00Z; 2 h since the recovery began" in told
    assert "RPO: 4 min: the mall's database is as it was at 2030-12-10T10:56:00Z" in told
    assert "answered again" in told
