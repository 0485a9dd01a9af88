import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path

import pytest

KEY = "a-gateway-key-for-tests"


class Sandbox:
    """The sandbox as a process: started, killed and started again on the same port and file."""

    def __init__(self, file: Path, late_seconds: float) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self._environment = os.environ | {
            "MARKETDAY_PORT": str(self.port),
            "MARKETDAY_DATABASE_FILE": str(file),
            "MARKETDAY_GATEWAY_KEY": KEY,
            "MARKETDAY_LATE_SECONDS": str(late_seconds),
            "MARKETDAY_LOG_LEVEL": "warning",
        }
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        process = self._process = subprocess.Popen(
            [sys.executable, "-m", "marketday.apps.sandbox"], env=self._environment
        )
        deadline = time.monotonic() + 30
        while not self._answers():
            assert process.poll() is None, "the sandbox ended by itself"
            assert time.monotonic() < deadline, "the sandbox did not get ready"
            time.sleep(0.05)

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait(10)
            self._process = None

    def _answers(self) -> bool:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request("GET", "/readyz")
            return connection.getresponse().status == 200
        except OSError:
            return False
        finally:
            connection.close()


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    running = Sandbox(tmp_path_factory.mktemp("sandbox") / "ledger.sqlite", late_seconds=1.0)
    try:
        running.start()
        yield running
    finally:
        running.kill()
