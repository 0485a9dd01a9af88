import json
import subprocess
import sys

import pytest

PROGRAM = """
import logging, structlog
from marketday.kit.logging import configure
configure("gate", "info", {style!r})
log = structlog.get_logger()
log.debug("too_quiet")
log.info("joined", drop="dawn-serum", position=7)
logging.getLogger("somebody.else").warning("also %s", "heard")
try:
    1 / 0
except ZeroDivisionError:
    log.exception("broke")
"""


def lines(style):
    told = subprocess.run(
        [sys.executable, "-c", PROGRAM.format(style=style)], capture_output=True, text=True, check=True
    )
    return told.stdout.splitlines()


@pytest.fixture(scope="module")
def entries():
    return [json.loads(line) for line in lines("json")]


def test_every_line_is_an_object_with_the_service_and_the_time(entries):
    assert [entry["event"] for entry in entries] == ["joined", "also heard", "broke"]
    assert {entry["service"] for entry in entries} == {"gate"}
    assert all(entry["timestamp"].endswith("Z") for entry in entries)


def test_keys_stay_keys(entries):
    assert (entries[0]["drop"], entries[0]["position"], entries[0]["level"]) == ("dawn-serum", 7, "info")


def test_an_exception_is_one_line_with_its_trace(entries):
    assert "ZeroDivisionError" in entries[2]["exception"]


def test_the_console_style_is_for_people():
    assert "joined" in lines("console")[0]
