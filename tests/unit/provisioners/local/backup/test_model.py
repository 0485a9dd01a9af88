"""Which backup a moment needs, which segments follow it, and what may be removed."""

from datetime import UTC, datetime, timedelta

import pytest

from marketday.provisioners.local.backup import model
from marketday.provisioners.local.backup.model import (
    MALL,
    BackupPart,
    BackupSnapshot,
    BackupState,
    BaseBackup,
    RestoreCheck,
    Witness,
)

DAY = datetime(2026, 11, 29, tzinfo=UTC)
PART = BackupPart(name="files", size=1, sha256="0" * 64, raw_size=1)


def base(cluster: str = MALL, segment: int = 10, ended_at: datetime = DAY) -> BaseBackup:
    name = model.segment_name(1, segment)
    witness = Witness(until=ended_at, orders=0, sha256="", sums={})
    return BaseBackup(
        cluster=cluster,
        database="mall",
        system_id="7",
        postgres=18,
        first_segment=name,
        last_segment=name,
        ended_at=ended_at,
        part=PART,
        witness=witness,
    )


def snapshot(day: int, *clusters: str) -> BackupSnapshot:
    at = DAY + timedelta(days=day)
    bases = [base(cluster, 10 * day, at) for cluster in clusters or (MALL,)]
    name = f"{at:%Y%m%dT%H%M%SZ}-0000000{day}"
    return BackupSnapshot(id=name, begun_at=at, ended_at=at, marketday="1", bases=bases, files=PART)


def checks(*good: BackupSnapshot, bad: tuple[BackupSnapshot, ...] = ()) -> dict[str, RestoreCheck]:
    found = {one.id: RestoreCheck(snapshot=one.id, at=DAY, problems=[], facts={}) for one in good}
    return found | {one.id: RestoreCheck(snapshot=one.id, at=DAY, problems=["altered"], facts={}) for one in bad}


def names(*numbers: int) -> list[str]:
    return [model.segment_name(1, number) for number in numbers]


def test_segments_are_named_as_postgresql_names_them():
    assert model.segment_at(1, "0/3000028") == "000000010000000000000003"
    assert model.segment_at(2, "1/FF000000") == "0000000200000001000000FF"
    assert model.number_of("0000000200000001000000FF") == 511
    assert model.segment_name(2, 512) == "000000020000000200000000"
    assert not model.is_segment("000000010000000000000003.partial")


@pytest.mark.parametrize(
    ("present", "following", "missing"),
    [
        ((), (), None),
        ((9, 10), (), None),  # the base has these itself
        ((10, 11, 12), (11, 12), None),
        ((11, 13), (11,), 12),
        ((12,), (), 11),
    ],
)
def test_segments_follow_a_base_without_a_gap(present, following, missing):
    found = model.after(base(), names(*present))
    assert found == (names(*following), None if missing is None else names(missing)[0])


def test_another_timeline_does_not_count():
    assert model.after(base(), [model.segment_name(2, 11)]) == ([], None)


def test_the_newest_base_before_the_moment_is_chosen():
    all_of_them = [snapshot(1), snapshot(2, MALL, "drop"), snapshot(3, "drop")]
    chosen = {
        at: found[0][0].id[-1] if (found := model.candidates(all_of_them, MALL, at)) else None
        for at in (None, DAY + timedelta(days=1.5), DAY + timedelta(days=2), DAY)
    }
    assert list(chosen.values()) == ["2", "1", "2", None]
    assert [one.id[-1] for one, _ in model.candidates(all_of_them, "drop", None)] == ["3", "2"]
    assert [one.id[-1] for one in model.with_files(all_of_them, None)] == ["3", "2", "1"]


def test_a_backup_whose_check_failed_is_the_last_choice():
    days = [snapshot(1), snapshot(2), snapshot(3)]
    assert [one for one, _ in model.candidates(days, MALL, None, {days[2].id})] == [days[1], days[0], days[2]]


def test_a_new_base_is_needed_after_a_gap():
    days = [snapshot(1), snapshot(2)]  # of the segments 10 and 20
    assert not model.needs_base(days, MALL, names(20, 21, 22))
    assert model.needs_base(days, MALL, names(21, 23))
    assert not model.needs_base(days, MALL, names(11, 13, 21))  # what is missing comes before the newest
    assert not model.needs_base(days, "drop", names(1, 3))  # it has none, which is known otherwise


def test_until_when_all_is_kept():
    marks = [(1.0, "0/100"), (1.5, "0/100"), (2.0, "0/200"), (2.5, "1/0")]
    assert model.kept_until(marks, "0/FF") is None
    assert model.kept_until(marks, "0/1FF") == 1.5
    assert model.kept_until(marks, "1/0") == 2.5


def test_the_last_checked_backup_is_never_removed():
    days = [snapshot(day) for day in range(1, 6)]
    assert model.removable(days, {}, 1) == []
    assert model.removable(days, checks(days[0], bad=tuple(days[1:])), 1) == []
    assert model.removable(days, checks(days[0], days[1], bad=tuple(days[2:])), 1) == [days[0]]
    assert model.removable(days, checks(*days), 2) == days[:3]
    assert model.removable(days, checks(*days), 7) == []
    drop_only = snapshot(6, "drop")
    assert model.removable([*days, drop_only], checks(drop_only), 1) == []  # it could not bring back the mall


def test_wal_before_every_base_is_not_needed():
    kept = [snapshot(2), snapshot(3)]
    assert model.unneeded_segments(kept, MALL, names(18, 19, 20, 21)) == names(18, 19)
    assert model.unneeded_segments(kept, "drop", names(1)) == []


def test_what_is_known_of_a_backup():
    one, two, three = snapshot(1), snapshot(2), snapshot(3)
    known = checks(one, bad=(two,))
    assert [model.state_of(each, known) for each in (one, two, three)] == [
        BackupState.CHECKED,
        BackupState.FAILED,
        BackupState.UNCHECKED,
    ]


@pytest.mark.parametrize(("ago", "due"), [(None, True), (59, False), (60, True), (-1, True)])
def test_due_after_its_time_and_after_a_clock_that_was_set_back(ago, due):
    last = None if ago is None else DAY - timedelta(seconds=ago)
    assert model.is_due(last, DAY, 60) is due
