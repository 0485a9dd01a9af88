"""What is told about a backup reaches the webhook, and a webhook that fails stops nothing and stays secret."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from marketday.provisioners.local.backup.telling import tell


class Hook(HTTPServer):
    """A webhook that notes what it gets."""

    status = 200
    got: list[object]


class Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        assert isinstance(self.server, Hook)
        self.server.got.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        self.send_response(self.server.status)
        self.end_headers()

    def log_message(self, *args: object) -> None: ...


@pytest.fixture
def hook() -> Iterator[Hook]:
    server = Hook(("127.0.0.1", 0), Handler)
    server.got = []
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


async def test_what_fails_is_posted(hook: Hook, tmp_path: Path):
    file = tmp_path / "webhook"
    file.write_text(f"http://127.0.0.1:{hook.server_port}/T/secret\n")
    await tell(file, "no backup is made")
    assert hook.got == [{"text": "Marketday backup: no backup is made"}]


@pytest.mark.parametrize("address", ["http://elsewhere.example/secret", "file:///etc/passwd", "", None])
async def test_what_is_no_webhook_stops_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], address: str | None
):
    file = tmp_path / "webhook"
    if address is not None:
        file.write_text(address)
    await tell(file, "no backup is made")
    said = capsys.readouterr().out
    assert "no backup is made" in said
    assert "secret" not in said


async def test_a_webhook_that_was_revoked_is_told_in_the_log(
    hook: Hook, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    hook.status = 410
    file = tmp_path / "webhook"
    file.write_text(f"http://127.0.0.1:{hook.server_port}/T/secret")
    await tell(file, "no backup is made")
    said = capsys.readouterr().out
    assert "410" in said
    assert "secret" not in said
