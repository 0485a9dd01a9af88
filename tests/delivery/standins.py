"""Stand-ins of what cannot be had here. Each answers the interface that the real one documents.

SonarQube's web API and scanner, OSV's query API, trivy's database, Jenkins' and Slack's webhooks, a cluster.
"""

import contextlib
import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

OUT_OF_REACH = "http://127.0.0.1:9"  # nobody listens there


@dataclass
class StandIn:
    """A server of loopback that answers as it is told, and keeps what it was asked."""

    answer: Callable[[str, dict[str, str], bytes], tuple[int, Any]]
    url: str = ""
    asked: list[tuple[str, bytes, dict[str, str]]] = field(default_factory=list)


@contextlib.contextmanager
def serving(answer: Callable[[str, dict[str, str], bytes], tuple[int, Any]]) -> Iterator[StandIn]:
    """Serve `answer(path, values, body)`, which gives a status and what goes back as JSON."""
    stand_in = StandIn(answer)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked = urlsplit(self.path)
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            stand_in.asked.append((asked.path, body, dict(self.headers)))
            values = {name: found[0] for name, found in parse_qs(asked.query).items()}
            status, told = stand_in.answer(asked.path, values, body)
            content = json.dumps(told).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_POST = do_GET  # noqa: N815

        def log_message(self, *words: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    stand_in.url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield stand_in
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def sonarqube(*failed: str, task: str = "SUCCESS") -> Callable[[str, dict[str, str], bytes], tuple[int, Any]]:
    """SonarQube's api/ce/task and api/qualitygates/project_status; `failed` are the metrics of conditions that fail."""
    conditions = [
        {"status": "ERROR", "metricKey": name, "comparator": "GT", "errorThreshold": "0", "actualValue": "1"}
        for name in failed
    ] + [{"status": "OK", "metricKey": "new_coverage", "errorThreshold": "80", "actualValue": "91.0"}]

    def answer(path: str, values: dict[str, str], body: bytes) -> tuple[int, Any]:
        if path == "/api/ce/task" and values == {"id": "AX-task"}:
            return 200, {"task": {"id": "AX-task", "status": task, "analysisId": "AX-analysis"}}
        if path == "/api/qualitygates/project_status" and values == {"analysisId": "AX-analysis"}:
            return 200, {"projectStatus": {"status": "ERROR" if failed else "OK", "conditions": conditions}}
        return 404, {"errors": [{"msg": "unknown"}]}

    return answer


SCANNER = """#!/bin/sh
# What sonar-scanner leaves; the real one also sends a report.
mkdir -p .scannerwork
printf 'projectKey=marketday\\nserverUrl=%s\\nceTaskId=AX-task\\n' "$SONAR_HOST_URL" > .scannerwork/report-task.txt
"""


def osv(**vulnerable: str) -> Callable[[str, dict[str, str], bytes], tuple[int, Any]]:
    """OSV's POST /v1/query; `vulnerable` are packages, each with the version that has a vulnerability."""

    def answer(path: str, values: dict[str, str], body: bytes) -> tuple[int, Any]:
        asked = json.loads(body)
        if path != "/v1/query" or asked["package"]["ecosystem"] != "PyPI":
            return 400, {"code": 3, "message": "unknown"}
        if vulnerable.get(asked["package"]["name"].replace("-", "_")) != asked["version"]:
            return 200, {}
        ranges = [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "999"}]}]
        affected = {"package": asked["package"], "ranges": ranges, "versions": [asked["version"]]}
        told = {"id": "PYSEC-2026-1", "summary": "a hole", "details": "a hole", "modified": "2026-11-01T00:00:00Z"}
        return 200, {
            "vulns": [{**told, "published": "2026-11-01T00:00:00Z", "affected": [affected], "schema_version": "1.7.0"}]
        }

    return answer


def trivy_report(*found: tuple[str, str, str]) -> str:
    """A report of `trivy image --format json`; `found` are number, severity and the version that repairs."""
    vulnerabilities = [
        {
            "VulnerabilityID": number,
            "PkgName": "libssl3",
            "InstalledVersion": "3.0.1",
            "Severity": severity,
            **({"FixedVersion": repaired} if repaired else {}),
        }
        for number, severity, repaired in found
    ]
    debian = {"Target": "image (debian 12)", "Class": "os-pkgs", "Type": "debian", "Vulnerabilities": vulnerabilities}
    python = {"Target": "Python", "Class": "lang-pkgs", "Type": "python-pkg"}
    return json.dumps({"SchemaVersion": 2, "ArtifactName": "image", "Results": [debian, python]})


def program(text: str) -> str:
    """A program that writes a text, whatever it is asked."""
    return f"#!/bin/sh\ncat <<'END'\n{text}\nEND\n"


def rollout(image: str, phase: str = "Healthy", **status: object) -> str:
    """What `kubectl get rollouts.argoproj.io -o json` tells of one that runs, as Argo Rollouts writes its status."""
    container = {"name": "mall", "image": image}
    counts = {"replicas": 2, "updatedReplicas": 2, "readyReplicas": 2}
    hashes = {"currentPodHash": "6d4f", "stableRS": "6d4f"}
    spec = {"replicas": 2, "template": {"spec": {"containers": [container]}}}
    found = {"observedGeneration": "3", "phase": phase, **counts, **hashes, **status}
    return json.dumps({"kind": "Rollout", "metadata": {"generation": 3}, "spec": spec, "status": found})


@contextlib.contextmanager
def raw(content: bytes, headers: dict[str, str]) -> Iterator[str]:
    """Serve the same bytes and headers at every address; a Location sends the first address on."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response_only(302 if "Location" in headers and self.path != headers["Location"] else 200)
            for name, value in ({"Date": self.date_time_string()} | headers).items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *words: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


def mall(*drops: dict[str, object]) -> Callable[[str, dict[str, str], bytes], tuple[int, Any]]:
    """The mall's pages, and its GET /v1/drops."""
    return lambda path, *_: (200, {"drops": list(drops)} if path == "/v1/drops" else {"path": path})
