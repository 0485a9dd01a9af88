"""Ports, secrets and records: what is written once and read again."""

import socket

import pytest

from marketday.kit.private import write_whole
from marketday.provisioners.local import ports
from marketday.provisioners.local.errors import NoFreePort, NotOurs
from marketday.provisioners.local.nginx import _rate
from marketday.provisioners.local.plane_folder import PlaneFolder, Record, held
from marketday.provisioners.local.secrets import PlaneSecrets


@pytest.fixture
def listener():
    with socket.create_server(("127.0.0.1", ports.free_ports(1)[0])) as server:
        yield server


def test_ports_differ_and_are_free():
    found = ports.free_ports(20)
    assert len(set(found)) == 20
    assert all(ports.FIRST_PORT <= port <= ports.LAST_PORT and ports.is_free(port) for port in found)


def test_a_port_in_use_is_not_free(listener):
    assert not ports.is_free(listener.getsockname()[1])


def test_when_no_port_is_free_that_is_said(monkeypatch):
    monkeypatch.setattr(ports, "is_free", lambda _: False)
    with pytest.raises(NoFreePort, match="were tried"):
        ports.free_ports(1)


def test_ports_stay_the_same(tmp_path):
    file = tmp_path / "ports.json"
    first = ports.assigned_ports(file, ("a", "b"), keep=False)
    assert ports.assigned_ports(file, ("b", "a"), keep=False) == first
    more = ports.assigned_ports(file, ("a", "b", "c"), keep=False)
    assert {name: more[name] for name in first} == first
    assert len(set(more.values())) == 3
    assert ports.assigned_ports(file, ("a", "d"), keep=True).keys() == {"a", "d"}  # no port is kept for nothing


def test_a_taken_port_is_replaced_unless_the_plane_runs(tmp_path, listener):
    file = tmp_path / "ports.json"
    taken = listener.getsockname()[1]
    write_whole(file, f'{{"a": {taken}}}')
    assert ports.assigned_ports(file, ("a",), keep=True) == {"a": taken}
    assert ports.assigned_ports(file, ("a",), keep=False) != {"a": taken}


def test_a_secret_is_made_once_and_for_its_owner_alone(tmp_path):
    secrets = PlaneSecrets(tmp_path / "secrets")
    first = secrets.get("key")
    assert secrets.get("key") == first
    assert secrets.get("other") != first
    assert (tmp_path / "secrets").stat().st_mode & 0o777 == 0o700
    assert secrets.path("key").stat().st_mode & 0o777 == 0o600


def test_records_are_read_as_they_were_written(tmp_path):
    folder = PlaneFolder(tmp_path)
    assert folder.read_records() == {}
    assert folder.read_supervisor() is None
    record = Record(pid=1, start_ticks=2, restarts=3, since=4.5)
    folder.write_records({"a": record})
    folder.write_supervisor(record)
    assert folder.read_records() == {"a": record}
    assert folder.read_supervisor() == record
    folder.write_supervisor(None)
    assert folder.read_supervisor() is None


@pytest.mark.parametrize("content", ["", '{"plane_id": "x", "proc', "[1, 2]", '{"number": 7}', "\x00\x01"])
def test_a_damaged_file_is_no_description_and_no_record(tmp_path, content):
    folder = PlaneFolder(tmp_path)
    for name in ("plane.json", "pids.json", "supervisor.json"):
        (tmp_path / name).write_text(content)
    with pytest.raises(NotOurs):
        folder.read_plane()
    assert folder.read_records() == {}
    assert folder.read_supervisor() is None


def test_a_damaged_record_of_one_process_costs_no_other(tmp_path):
    record = '{"pid": 1, "start_ticks": 2, "restarts": 3, "since": 4.5}'
    (tmp_path / "pids.json").write_text(f'{{"a": {record}, "b": {{"number": 7}}, "c": 3}}')
    assert PlaneFolder(tmp_path).read_records() == {"a": Record(1, 2, 3, 4.5)}


def test_one_hand_at_a_time(tmp_path):
    with held(tmp_path / "lock", 0) as first, held(tmp_path / "lock", 0.05) as second:
        assert (first, second) == (True, False)
    with held(tmp_path / "lock", 0) as third:
        assert third


def test_looking_whether_a_plane_is_watched_does_not_look_like_watching(tmp_path):
    folder = PlaneFolder(tmp_path)
    assert not folder.is_watched()
    with folder.watched(0) as ours:
        assert ours
        assert folder.is_watched()
    assert not folder.is_watched()


@pytest.mark.parametrize(("rate", "written"), [(20, "20r/s"), (1.0, "1r/s"), (0.5, "30r/m"), (2.5, "150r/m")])
def test_rates_as_nginx_writes_them(rate, written):
    assert _rate(rate) == written
