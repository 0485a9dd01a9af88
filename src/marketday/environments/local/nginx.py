"""The edge of a plane: nginx in front of its services, answering for them while they restart."""

import grp
import hashlib
import re
import resource
import tomllib
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path

from marketday.environments.local.accounts import server_account
from marketday.environments.local.binaries import nginx_program
from marketday.environments.local.callers import NOBODY, Callers
from marketday.environments.local.model import ProcessSpec, TcpCheck
from marketday.environments.local.plane_folder import write_whole
from marketday.kit.addresses import read_networks

LARGEST_BODY = 64 * 1024  # bytes; the services refuse more, too
BURST_SECONDS = 5  # how long one address may stay above its rate before it is refused
MALL_HOST = "mall.localhost"
CONSOLE_HOST = "console.localhost"
EVENT_HOST = "event.localhost"
_CONNECTIONS = 4096
_MOST_FILES = 16_384
_TEMPLATES = resources.files("marketday.environments.local.edge")
_OURS = re.compile(r"\$\{([a-z_]+)\}")  # nginx writes its own as $name


@dataclass(frozen=True, slots=True)
class Edge:
    """An nginx in `folder`, listening on `port`; `log` is its access log, one JSON object a line.

    By `key` its services know that it is the one who tells them for whom a request is.
    """

    folder: Path
    port: int
    log: Path
    key: str = field(repr=False)
    callers: Callers = NOBODY

    def write_mall(self, *, mall: int, console: int, console_port: int) -> ProcessSpec:
        """Write the configuration for mall.localhost, and for console.localhost on `console_port`.

        `mall` and `console` are the services' own ports.
        """
        names = (MALL_HOST, self.port), (CONSOLE_HOST, console_port)
        return self._write("mall.conf", *names, limit_text="", mall=mall, console=console, console_port=console_port)

    def write_event(self, *, gate: int, store: int, requests_per_second: float) -> ProcessSpec:
        """Write the configuration for event.localhost; `requests_per_second` is what one address may send."""
        return self._write(
            "event.conf",
            (EVENT_HOST, self.port),
            limit_text=f"expected at most {requests_per_second:g} a second",
            gate=gate,
            store=store,
            rate=_rate(requests_per_second),
            burst=max(1, round(requests_per_second * BURST_SECONDS)),
        )

    def _write(self, body: str, *names: tuple[str, int], limit_text: str, **values: object) -> ProcessSpec:
        self.folder.mkdir(mode=0o711, parents=True, exist_ok=True)
        self.log.parent.mkdir(parents=True, exist_ok=True)
        _write_pages(self.folder)
        facts = {"folder": self.folder, "log": self.log, "port": self.port, "body_bytes": LARGEST_BODY, **values}
        answers = _fill("answers.conf", limit_text=limit_text, **facts)
        files = min(_MOST_FILES, resource.getrlimit(resource.RLIMIT_NOFILE)[1])
        text = _fill(
            "nginx.conf",
            user=_user(),
            files=files,
            connections=min(_CONNECTIONS, files),
            key=self.key,
            proxies="\n    ".join(f"set_real_ip_from {network};" for network in read_networks(self.callers.proxies)),
            crowd=f'"{self.callers.crowd_key}" $http_x_forwarded_for;' if self.callers.crowd_key else "",
            names=" ".join(f'"~*^{re.escape(host)}:{port}$" {host}:{port};' for host, port in names),
            body=_fill(body, answers=answers, **facts),
            **facts,
        )
        write_whole(self.folder / "nginx.conf", text)
        return self._spec(text)

    def _spec(self, text: str) -> ProcessSpec:
        configuration = str(self.folder / "nginx.conf")
        return ProcessSpec(
            name="nginx",
            argv=(str(nginx_program()), "-p", str(self.folder), "-c", configuration, "-e", "stderr"),
            folder=str(self.folder),
            # A changed configuration is a changed process, and has it started anew.
            environment={"CONFIGURATION": hashlib.sha256(text.encode()).hexdigest()},
            ready=TcpCheck(port=self.port),
        )


def _fill(file: str, **values: object) -> str:
    text = _TEMPLATES.joinpath(file).read_text("utf-8")
    return _OURS.sub(lambda found: str(values[found[1]]), text)


def _write_pages(folder: Path) -> None:
    """Write the page of each language where nginx, as another account, can read it."""
    pages = folder / "_edge" / "unavailable"
    pages.mkdir(parents=True, exist_ok=True)
    catalogue = tomllib.loads(_TEMPLATES.joinpath("unavailable.toml").read_text("utf-8"))
    for language, texts in catalogue.items():
        write_whole(pages / f"{language}.html", _fill("unavailable.html", language=language, **texts), mode=0o644)


def _user() -> str:
    account = server_account()
    if account is None:
        return ""
    return f"user {account.name} {grp.getgrgid(account.group_id).gr_name};"


def _rate(requests_per_second: float) -> str:
    """Nginx counts whole requests: by the second, or by the minute where that is not exact."""
    if requests_per_second == int(requests_per_second):
        return f"{int(requests_per_second)}r/s"
    return f"{max(1, round(requests_per_second * 60))}r/m"
