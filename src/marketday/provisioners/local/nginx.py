"""The edge of a plane: nginx in front of its services, which answers while they restart."""

import hashlib
import re
import resource
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path

from marketday.kit.addresses import read_networks
from marketday.kit.private import write_whole
from marketday.provisioners.local.accounts import account_of, own_folder, passable_folder
from marketday.provisioners.local.binaries import nginx_program
from marketday.provisioners.local.callers import NOBODY, Callers
from marketday.provisioners.local.model import ProcessSpec, TcpCheck, Walls

LARGEST_BODY = 64 * 1024  # bytes; the services refuse more too
# What shoppers send to a drop has less than two KB, and reading a form of 64 KB takes as long as twenty usual requests.
LARGEST_EVENT_BODY = 8 * 1024
BURST_SECONDS = 5  # how long one address may stay above its rate before it is refused
FILES_A_REQUEST = 10  # one address may ask for so many more files: a page has several, and most come from the cache
MALL_HOST = "mall.localhost"
CONSOLE_HOST = "console.localhost"
EVENT_HOST = "event.localhost"
_CONNECTIONS = 4096
_MOST_FILES = 16_384
# How long a process may take to answer, or to pay; after that another process gets the request. Services answer within
# five seconds, and paying also waits for the gateway, twice.
ANSWER_SECONDS, PAYING_SECONDS = 8, 12
# A process that did not answer gets one request a second until it answers again; a shorter time is not possible.
_SKIPPED = "max_fails=1 fail_timeout=1s"
_TEMPLATES = resources.files("marketday.provisioners.local.edge")
_OURS = re.compile(r"\$\{([a-z_]+)\}")  # nginx writes its own as $name


@dataclass(frozen=True, slots=True)
class Edge:
    """An nginx that works in `folder` and listens on `port`.

    With `key` it proves to its services that a request's client address comes from this nginx.
    """

    folder: Path
    port: int
    key: str = field(repr=False)
    callers: Callers = NOBODY

    @property
    def log(self) -> Path:
        """Its access log, with one JSON object on each line."""
        return self.folder / "access.log"

    @property
    def written(self) -> Path:
        """The folder with its configuration, beside its own folder, so that nginx cannot change it."""
        return self.folder.with_name("edge")

    def write_mall(self, *, mall: int, console: int, console_port: int) -> ProcessSpec:
        """Write the configuration for mall.localhost, and for console.localhost on `console_port`.

        `mall` and `console` are the services' own ports.
        """
        names = (MALL_HOST, self.port), (CONSOLE_HOST, console_port)
        upstream = {"mall": mall, "console": console}
        connect = (mall, console)
        return self._write("mall.conf", *names, limit_text="", connect=connect, console_port=console_port, **upstream)

    def write_event(
        self, drop: str, *, gates: Sequence[int], stores: Sequence[int], requests_per_second: float
    ) -> ProcessSpec:
        """Write the configuration for event.localhost, where `drop` is sold.

        `requests_per_second` is what one address may send, beside asking for the public document of `drop`. `gates` and
        `stores` are the ports of the processes between which requests are spread.
        """
        return self._write(
            "event.conf",
            (EVENT_HOST, self.port),
            limit_text="expected at most $most_requests a second",
            drop=drop,
            body_bytes=LARGEST_EVENT_BODY,
            connect=(*gates, *stores),
            **_limits("", requests_per_second),
            **_limits("file_", requests_per_second * FILES_A_REQUEST),
            answer_seconds=ANSWER_SECONDS,
            passing_seconds=ANSWER_SECONDS + 1,  # after one that took all its time, only one other gets the request
            paying_seconds=PAYING_SECONDS,
            paying_passing_seconds=PAYING_SECONDS + 1,
            documents=_servers(gates, "max_fails=0"),
            gates=_servers(gates, _SKIPPED),
            stores=_servers(stores, _SKIPPED),
        )

    def _write(
        self, body: str, *names: tuple[str, int], limit_text: str, connect: tuple[int, ...], **values: object
    ) -> ProcessSpec:
        account = account_of(self.folder.parent)
        own_folder(self.folder, account)
        passable_folder(self.written, account)
        _write_pages(self.written, account)
        facts: dict[str, object] = {"folder": _quoted(self.folder), "written": _quoted(self.written)}
        facts |= {"log": _quoted(self.log), "port": self.port, "body_bytes": LARGEST_BODY, **values}
        answers = _fill("answers.conf", limit_text=limit_text, **facts)
        files = min(_MOST_FILES, resource.getrlimit(resource.RLIMIT_NOFILE)[1])
        text = _fill(
            "nginx.conf",
            files=files,
            connections=min(_CONNECTIONS, files),
            key=self.key,
            proxies="\n    ".join(f"set_real_ip_from {network};" for network in read_networks(self.callers.proxies)),
            crowd=f'"{self.callers.crowd_key}" $http_x_forwarded_for;' if self.callers.crowd_key else "",
            names=" ".join(f'"~*^{re.escape(host)}:{port}$" {host}:{port};' for host, port in names),
            body=_fill(body, answers=answers, files=_fill("files.conf"), **facts),
            **facts,
        )
        write_whole(self.written / "nginx.conf", text, group=account)
        walls = Walls(
            read=(str(self.written),),
            bind=tuple({port for _, port in names}),
            connect=connect,
            chmod_is_ignored=True,  # it gives each file of its cache the mode that the file has, or stores none
        )
        return self._spec(text, account, walls)

    def _spec(self, text: str, account: int | None, walls: Walls) -> ProcessSpec:
        configuration = str(self.written / "nginx.conf")
        return ProcessSpec(
            name="nginx",
            argv=(str(nginx_program()), "-p", str(self.folder), "-c", configuration, "-e", "stderr"),
            folder=str(self.folder),
            account=account,
            walls=walls,
            # A changed configuration changes the description of the process, so that it is restarted.
            environment={"CONFIGURATION": hashlib.sha256(text.encode()).hexdigest()},
            ready=TcpCheck(port=self.port),
        )


def _servers(ports: Sequence[int], options: str) -> str:
    return " ".join(f"server 127.0.0.1:{port} {options};" for port in ports)


def _quoted(path: Path) -> str:
    """Return a path as it is written between quotes: a home may be in a folder such as "My shop"."""
    return str(path).replace("\\", "\\\\").replace('"', '\\"')


def _fill(file: str, **values: object) -> str:
    text = _TEMPLATES.joinpath(file).read_text("utf-8")
    return _OURS.sub(lambda found: str(values[found[1]]), text)


def _write_pages(folder: Path, account: int | None) -> None:
    """Write the page of each language."""
    pages = passable_folder(passable_folder(folder / "_edge", account) / "unavailable", account)
    catalogue = tomllib.loads(_TEMPLATES.joinpath("unavailable.toml").read_text("utf-8"))
    for language, texts in catalogue.items():
        write_whole(pages / f"{language}.html", _fill("unavailable.html", language=language, **texts), group=account)


def _limits(kind: str, requests_per_second: float) -> dict[str, object]:
    return {
        f"{kind}requests": f"{requests_per_second:g}",
        f"{kind}rate": _rate(requests_per_second),
        f"{kind}burst": max(1, round(requests_per_second * BURST_SECONDS)),
    }


def _rate(requests_per_second: float) -> str:
    """Return the rate as nginx needs it, in whole requests: per second, or per minute if that is not exact."""
    if requests_per_second == int(requests_per_second):
        return f"{int(requests_per_second)}r/s"
    return f"{max(1, round(requests_per_second * 60))}r/m"
