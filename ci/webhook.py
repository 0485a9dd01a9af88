"""Takes GitHub's webhooks, checks them, and passes each on to Jenkins once; started by `python -m ci.webhook`.

GitHub signs the body with a secret (X-Hub-Signature-256, HMAC). The delivery's id is not signed, so a replay is also
known by its body.
A delivery that Jenkins does not take is forgotten again, and GitHub's button "Redeliver" works.
"""

import hashlib
import hmac
import os
import re
import sqlite3
import sys
import time
import urllib.request
from collections.abc import Mapping
from contextlib import closing
from http import HTTPStatus
from http.client import HTTPException
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

MOST_BYTES = 25 * 1024 * 1024  # GitHub sends no larger ones
KEPT_SECONDS = 90 * 24 * 3600
ANSWER_SECONDS = 20
SIGNATURE = re.compile(r"sha256=[0-9a-f]{64}")
PASSED_ON = ("x-github-", "x-hub-", "content-type", "user-agent")  # Jenkins looks at some of these
HEALTHY = {"/healthz": (HTTPStatus.OK, "runs")}
ID = re.compile(r"[0-9a-zA-Z-]{8,80}")


class Refused(Exception):
    """A webhook that is not passed on; the text says why."""

    def __init__(self, status: HTTPStatus, why: str) -> None:
        super().__init__(why)
        self.status = status


def check(secret: bytes, headers: Mapping[str, str], body: bytes) -> str:
    """Return the id of a delivery that GitHub has signed with this secret."""
    given = headers.get("X-Hub-Signature-256", "")
    wanted = f"sha256={hmac.new(secret, body, hashlib.sha256).hexdigest()}"
    if not SIGNATURE.fullmatch(given) or not hmac.compare_digest(given, wanted):
        raise Refused(HTTPStatus.FORBIDDEN, "X-Hub-Signature-256 is not the signature of this body; expected GitHub's")
    delivery = headers.get("X-GitHub-Delivery", "")
    if not ID.fullmatch(delivery):
        raise Refused(HTTPStatus.BAD_REQUEST, "X-GitHub-Delivery is missing; expected the id of a delivery")
    return delivery


class Deliveries:
    """Which deliveries were passed on, in a file that outlives the process."""

    def __init__(self, file: Path) -> None:
        """Open the file, or make it."""
        self._file = file
        with closing(self._open()) as database:
            database.execute("CREATE TABLE IF NOT EXISTS seen (name TEXT PRIMARY KEY, at REAL NOT NULL)")

    def _open(self) -> sqlite3.Connection:
        return sqlite3.connect(self._file, timeout=10)

    def claim(self, delivery: str, body: bytes, now: float) -> None:
        """Take a delivery; refuse one whose id or body was taken before."""
        names = self._names(delivery, body)
        try:
            with closing(self._open()) as database, database:  # one transaction: both, or neither
                database.execute("DELETE FROM seen WHERE at < ?", (now - KEPT_SECONDS,))
                database.executemany("INSERT INTO seen VALUES (?, ?)", [(name, now) for name in names])
        except sqlite3.IntegrityError:
            raise Refused(
                HTTPStatus.CONFLICT, f"{delivery} or its body was delivered before; expected a new one"
            ) from None

    def forget(self, delivery: str, body: bytes) -> None:
        """Let a delivery come again."""
        with closing(self._open()) as database, database:
            database.executemany("DELETE FROM seen WHERE name = ?", [(name,) for name in self._names(delivery, body)])

    @staticmethod
    def _names(delivery: str, body: bytes) -> tuple[str, str]:
        return f"id {delivery}", f"body {hashlib.sha256(body).hexdigest()}"


def pass_on(jenkins: str, headers: Mapping[str, str], body: bytes) -> None:
    """Give a webhook to Jenkins as it came."""
    told = {name: value for name, value in headers.items() if name.lower().startswith(PASSED_ON)}
    request = urllib.request.Request(f"{jenkins.rstrip('/')}/github-webhook/", body, told)  # noqa: S310 - our own setting
    try:
        urllib.request.urlopen(request, timeout=ANSWER_SECONDS).close()  # noqa: S310
    except (OSError, HTTPException) as error:  # also an answer that is not HTTP
        raise Refused(HTTPStatus.BAD_GATEWAY, f"Jenkins did not take it: {error}; redeliver it later") from None


def _refuse_empty(secret: bytes) -> None:
    if not secret:
        raise ValueError("the secret is empty; expected the one that GitHub has for this webhook")


def server(secret: bytes, jenkins: str, seen: Deliveries, place: tuple[str, int]) -> ThreadingHTTPServer:
    """Return a server that is not running yet."""
    _refuse_empty(secret)

    class Handler(BaseHTTPRequestHandler):
        timeout = ANSWER_SECONDS

        def do_POST(self) -> None:
            try:
                self._take()
            except Refused as refused:
                self._answer(refused.status, str(refused))
            else:
                self._answer(HTTPStatus.ACCEPTED, "passed on to Jenkins")

        def do_GET(self) -> None:
            """Say to a load balancer that it runs; there is nothing else to read here."""
            self._answer(*HEALTHY.get(self.path, (HTTPStatus.NOT_FOUND, "nothing here")))

        def _take(self) -> None:
            length = self.headers.get("Content-Length", "")
            if not length.isdigit() or int(length) > MOST_BYTES:
                raise Refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"the body has no length up to {MOST_BYTES} bytes")
            body = self.rfile.read(int(length))
            delivery = check(secret, self.headers, body)
            seen.claim(delivery, body, time.time())
            try:
                pass_on(jenkins, self.headers, body)
            except Refused:
                seen.forget(delivery, body)
                raise

        def _answer(self, status: HTTPStatus, text: str) -> None:
            body = f"{text}\n".encode()
            self.send_response(status)
            self.send_header("Content-Type", "text/plain; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *words: object) -> None:
            sys.stderr.write(f"webhook: {words[0] % words[1:]}\n" if words else "")  # type: ignore[operator]

    return ThreadingHTTPServer(place, Handler)


def main() -> None:
    """Serve until the process is ended."""
    names = ("WEBHOOK_SECRET", "WEBHOOK_JENKINS_URL", "WEBHOOK_FILE")
    if missing := [name for name in names if not os.environ.get(name)]:
        sys.exit(f"webhook: {', '.join(missing)} is not set; expected GitHub's secret, Jenkins' address and a file")
    secret, jenkins, file = (os.environ[name] for name in names)
    port = int(os.environ.get("WEBHOOK_PORT", "8080"))
    server(secret.encode(), jenkins, Deliveries(Path(file)), ("0.0.0.0", port)).serve_forever()


if __name__ == "__main__":
    main()
