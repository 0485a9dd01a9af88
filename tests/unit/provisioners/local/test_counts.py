"""How many processes of gate and store a plane gets, and what they are called."""

import os

import pytest

from marketday.provisioners.local.counts import (
    MOST_PROCESSES,
    count_of,
    keep_processes,
    numbered,
    service_of,
    wanted_processes,
)
from marketday.provisioners.local.errors import NotOurs
from marketday.provisioners.local.event_plane import port_names


@pytest.mark.parametrize("count", range(1, MOST_PROCESSES + 1))
def test_a_count_is_found_again_in_the_names(count):
    names = port_names(count)
    assert len(set(names)) == len(names) == 4 + 2 * count
    assert count_of(names) == count


def test_a_plane_of_an_earlier_version_has_no_numbered_processes():
    assert count_of(("edge", "postgres", "valkey", "gate", "store", "worker")) == 0


@pytest.mark.parametrize(
    ("process", "service"),
    [("gate-1", "gate"), ("store-8", "store"), ("store", "store"), ("worker-1", "worker-1"), ("console-edge",) * 2],
)
def test_a_process_belongs_to_a_service(process, service):
    assert service_of(process) == service
    assert set(map(service_of, numbered("gate", 3))) == {"gate"}


@pytest.mark.parametrize(("processors", "count"), [(1, 1), (2, 2), (64, MOST_PROCESSES)])
def test_there_is_one_for_each_processor_this_process_may_use(tmp_path, monkeypatch, processors, count):
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(processors)))
    assert wanted_processes(tmp_path) == count
    keep_processes(tmp_path, 5)
    assert wanted_processes(tmp_path) == 5
    keep_processes(tmp_path, None)
    assert wanted_processes(tmp_path) == 5
    keep_processes(tmp_path, 0)
    assert wanted_processes(tmp_path) == count


@pytest.mark.parametrize("text", ["9", "-1", "true", '"2"', "{", "1.5"])
def test_a_damaged_file_is_named(tmp_path, text):
    (tmp_path / "processes.json").write_text(text)
    with pytest.raises(NotOurs, match=r"processes\.json"):
        wanted_processes(tmp_path)
