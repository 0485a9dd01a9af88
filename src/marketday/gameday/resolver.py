"""A name server of our own in a network of our own, so that a name can really stop resolving for every process.

The game day starts itself again in new namespaces (unshare(1)): there it sees its own /etc/resolv.conf and its own
loopback, on which it may listen on port 53. Everything that it starts is in there too; nothing outside is changed.
"""

import ctypes
import fcntl
import os
import shutil
import socket
import struct
import subprocess
import sys
import threading
from dataclasses import dataclass, field
from pathlib import Path

from marketday.gameday.errors import GameDayError

PORT = 53
_INSIDE = "MARKETDAY_GAMEDAY_INSIDE"
_FILES = {
    "resolv.conf": "nameserver 127.0.0.1\n",  # with the usual patience: five seconds, twice
    "nsswitch.conf": "passwd: files\ngroup: files\nhosts: files dns\n",
}
_BIND, _SIOCGIFFLAGS, _SIOCSIFFLAGS, _UP = 4096, 0x8913, 0x8914, 1  # mount(2), netdevice(7)
_PR_CAP_AMBIENT, _CLEAR_ALL = 47, 4  # prctl(2)
_ADDRESS, _INTERNET, _NO_SUCH_NAME = 1, 1, 3  # RFC 1035, sections 3.2 and 4.1.1
_SECONDS_TO_KEEP = 1


def unshare_command() -> list[str]:
    """Return the command that makes the namespaces: an ordinary user needs one of users too."""
    kind = [] if os.geteuid() == 0 else ["--user", "--map-current-user", "--keep-caps"]
    return ["unshare", *kind, "--mount", "--net", "--propagation", "private"]


def missing_namespaces() -> str:
    """Return a sentence if this machine does not let us have namespaces of our own."""
    if _INSIDE in os.environ:
        return ""
    if shutil.which("unshare") is None:
        return "the program unshare is missing; expected the package util-linux"
    tried = subprocess.run([*unshare_command(), "true"], capture_output=True, text=True, check=False, timeout=10)
    if tried.returncode:
        return f"this account may not make namespaces: {tried.stderr.strip()}; expected root, or user namespaces"
    return ""


def go_inside() -> None:
    """Start this command again in namespaces of its own; return if it is there already."""
    if _INSIDE not in os.environ:
        command = [*unshare_command(), sys.executable, "-m", "marketday.apps.start", *sys.argv[1:]]
        os.execvpe(command[0], command, {**os.environ, _INSIDE: "1"})  # noqa: S606 - our own command


def settle_in(folder: Path) -> None:
    """Bring the loopback up, and let the C library ask our name server; `folder` gets the files for that."""
    _bring_up("lo")
    libc = ctypes.CDLL(None, use_errno=True)
    for name, text in _FILES.items():
        file = folder / name
        file.write_text(text, "utf-8")
        file.chmod(0o644)
        if libc.mount(bytes(file), bytes(Path("/etc") / name), None, _BIND, None) != 0:
            raise GameDayError(f"/etc/{name} cannot be replaced here: {os.strerror(ctypes.get_errno())}")


def give_up_rights() -> None:
    """Let what is started from now on have none of the rights in the namespaces."""
    ctypes.CDLL(None).prctl(_PR_CAP_AMBIENT, _CLEAR_ALL, 0, 0, 0)


def _bring_up(interface: str) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as handle:
        asked = struct.pack("16sH14x", interface.encode(), 0)
        (flags,) = struct.unpack_from("H", fcntl.ioctl(handle, _SIOCGIFFLAGS, asked), 16)
        fcntl.ioctl(handle, _SIOCSIFFLAGS, struct.pack("16sH14x", interface.encode(), flags | _UP))


@dataclass(slots=True)
class NameServer:
    """Answers that `name` is this machine, and that nothing else exists; while `silent`, it answers nothing."""

    name: str
    silent: bool = False
    asked: int = 0  # in the time of silence
    _socket: socket.socket = field(default_factory=lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM))

    def start(self) -> None:
        """Listen on port 53 in a thread, until the process ends."""
        self._socket.bind(("127.0.0.1", PORT))
        threading.Thread(target=self._serve, name="names", daemon=True).start()

    def _serve(self) -> None:
        while True:
            query, sender = self._socket.recvfrom(512)
            if self.silent:
                self.asked += 1
            elif (answer := answer_to(query, self.name)) is not None:
                self._socket.sendto(answer, sender)


def answer_to(query: bytes, known: str) -> bytes | None:
    """Return the answer to a query with one question (RFC 1035): `known` is 127.0.0.1, and has no other record.

    None if it is not such a query.
    """
    head, end, labels = 12, 12, []
    while end < len(query) and query[end]:
        length = query[end]
        labels.append(query[end + 1 : end + 1 + length].decode("ascii", "replace"))
        end += 1 + length
    question = query[head : end + 5]
    if len(query) < end + 5 or struct.unpack_from(">H", query, 4)[0] != 1:
        return None
    kind, group = struct.unpack_from(">HH", query, end + 1)
    is_known = ".".join(labels).lower() == known
    has_address = is_known and (kind, group) == (_ADDRESS, _INTERNET)
    flags = 0x8580 | (0 if is_known else _NO_SUCH_NAME)  # an answer with authority, recursion as asked
    answer = query[:2] + struct.pack(">HHHHH", flags, 1, int(has_address), 0, 0) + question
    if has_address:
        answer += struct.pack(">HHHIH4B", 0xC000 | head, kind, group, _SECONDS_TO_KEEP, 4, 127, 0, 0, 1)
    return answer
