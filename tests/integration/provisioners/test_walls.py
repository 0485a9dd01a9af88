"""Code that got into any process of a plane reaches nothing of another one: real attacks from behind the real walls."""

import contextlib
import ctypes
import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from marketday.kit.ids import new_id
from marketday.provisioners.local.plane_folder import PlaneFolder
from marketday.provisioners.local.processes import _command, environment_of
from marketday.provisioners.local.walls import landlock
from marketday.testing.folders import folder_for_servers, readable_by_others

HERE = Path(__file__).parent
ROOT = os.geteuid() == 0
USER = 65534  # an ordinary user with a name, which initdb asks for; nothing else of the tests is his
NEEDED = {"root": ROOT, "user": landlock.abi() > 0}
WHY = {"root": "only root can give planes accounts of their own", "user": "this kernel has no Landlock"}
# What every process is granted: Python itself reads there, and neither is anybody's secret.
SYSV = {"postgres"}


class Planes:
    """Both planes, alive, with what an attacker would like to reach."""

    def __init__(self, home, as_user, world):
        self.home, self.as_user, self.world = home, as_user, world
        self.event = next((home / "environments").iterdir())
        self.folders = [home / "mall", home / "sandbox", self.event]

    def specs(self):
        return {
            (folder, spec.name): spec for folder in self.folders for spec in PlaneFolder(folder).read_plane().processes
        }

    def pids(self, folder):
        pids = json.loads((folder / "pids.json").read_text())
        return {name: record["pid"] for name, record in pids.items()}

    def ports(self, folder):
        return json.loads((folder / "ports.json").read_text())

    def wishes(self, folder, name, *, sisters=True):
        """What `name` may not reach: all of the others', with `sisters` also that of its own plane's processes."""
        spec = self.specs()[folder, name]
        others = [(place, other) for place, other in self.specs() if place != folder or (sisters and other != name)]
        granted = [Path(path) for path in (spec.folder, *(spec.walls.read if spec.walls else ()))]
        allowed = {*(spec.walls.connect or ()), *spec.walls.bind} if spec.walls else set()
        files = [
            file
            for file in self.home.rglob("*")
            if file.is_file()
            and not file.is_symlink()
            and not file.name.startswith("planted")
            and not any(file.is_relative_to(path) for path in [*granted, self.home / "programs"])
            and (sisters or not file.is_relative_to(folder) or file.stat().st_uid in (0, USER))
            and (sisters or not (file.is_relative_to(folder) and file.stat().st_mode & 0o040))
        ]
        named = {path.parent for path in files if not any(path.parent.is_relative_to(one) for one in granted)}
        pids = {place: self.pids(place) for place in self.folders}
        ports = {port for place in self.folders for port in self.ports(place).values()}
        own = set() if sisters else set(self.ports(folder).values())
        return {
            "files": sorted(map(str, files))[:400]
            + [str(self.home / "mall/secrets/signing-key.json")] * (folder.name != "mall"),
            "folders": sorted(map(str, named))[:200],
            "pids": [
                *(pids[place][other] for place, other in others if other in pids[place]),
                os.getpid(),
                os.getppid(),
            ],
            "ports": sorted(ports - allowed - own),
            "programs": [str(HERE), sys.prefix, str(Path(json.__file__).parent)],
            "accounts": sorted(
                {0, USER, *(spec.account for spec in self.specs().values() if spec.account)} - {spec.account}
            ),
            **self.world,
        }

    def attack(self, folder, name, know, *, abi=99):
        """Run the attacks in the place of a process, behind its walls; return what they achieved."""
        spec = self.specs()[folder, name]
        command = _command(
            spec.model_copy(update={"argv": (sys.executable, str(HERE / "attacks.py"), json.dumps(know))})
        )
        entry = json.loads(command[4]) | {"read": [*json.loads(command[4])["read"], str(HERE)], "newest_abi": abi}
        entry["stale_files"] = []
        command[4] = json.dumps(entry)
        if self.as_user:
            become = f"import walled, os, sys; walled.become({USER}); os.execv(sys.argv[1], sys.argv[1:])"
            command = [sys.executable, "-c", become, *command]
        environment = environment_of(spec, "attack") | {"PYTHONPATH": str(HERE)}
        done = subprocess.run(
            command,
            env=environment,
            cwd=spec.folder,
            start_new_session=True,  # as the process itself: the tests are not of its group
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)


@contextlib.contextmanager
def planes(folder, as_user, world):
    """Make both planes as root, or as an ordinary user; whatever happens, they are gone afterwards."""
    home = folder / f"home-{secrets.token_hex(4)}"
    home.mkdir(mode=0o711)
    if as_user:
        os.chown(home, USER, USER)
    environment = {**os.environ, "PYTHONPATH": str(HERE)}
    command = [sys.executable, str(HERE / "walled.py"), str(home), str(new_id()), *([str(USER)] if as_user else [])]
    with subprocess.Popen(command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as made:
        try:
            assert json.loads(made.stdout.readline() or "{}").get("key")
            yield Planes(home, as_user, world)
        finally:
            told, _ = made.communicate(timeout=120)
            shutil.rmtree(home)
    assert json.loads(told) == {"left": []}


@pytest.fixture
def world():
    """What the rest of the machine leaves open: sockets, shared memory; and files in memory."""
    libc = ctypes.CDLL(None, use_errno=True)
    with folder_for_servers() as folder, contextlib.ExitStack() as stack:
        names = {"sockets": [], "datagram_sockets": []}
        for kind, known in ((socket.SOCK_STREAM, "sockets"), (socket.SOCK_DGRAM, "datagram_sockets")):
            for name in (str(folder / known), f"@marketday-{known}-{secrets.token_hex(4)}"):
                listener = stack.enter_context(socket.socket(socket.AF_UNIX, kind))
                listener.bind(name.replace("@", "\0", 1))
                if not name.startswith("@"):
                    Path(name).chmod(0o777)
                if kind == socket.SOCK_STREAM:
                    listener.listen()
                names[known].append(name)
        segment = libc.shmget(0, 4096, 0o1666)
        stack.callback(libc.shmctl, segment, 0, None)
        semaphores = libc.semget(0, 1, 0o1666)
        stack.callback(libc.semctl, semaphores, 0, 0)
        memory = Path("/dev/shm", f"marketday-{secrets.token_hex(4)}")  # noqa: S108
        memory.write_text("somebody's")
        memory.chmod(0o666)
        stack.callback(memory.unlink)
        yield {**names, "shared_memory": [segment], "semaphores": [semaphores], "posix_memory": [memory.name]}


@pytest.fixture(params=["root", "user"])
def made(request, world):
    """Both planes, by root and by an ordinary user."""
    if not NEEDED[request.param]:
        pytest.skip(f"NOT TESTED: {WHY[request.param]}")
    as_user = request.param == "user"
    if as_user and not ROOT:
        pytest.skip("NOT TESTED: the tests become another user, which only root can")
    with folder_for_servers() as folder, planes(folder, as_user, world) as both:
        yield both


def require_all_walls():
    if landlock.abi() < 6:
        pytest.skip("NOT TESTED: this kernel's Landlock is too old for all walls")


ATTACKED = ["gate-1", "store-2", "worker", "nginx", "valkey", "postgres"]


def no_process_of_an_event_plane_reaches_another_process(made, subtests):
    require_all_walls()
    for name in ATTACKED:
        achieved = made.attack(made.event, name, made.wishes(made.event, name))
        if name in SYSV:
            achieved.pop("share_memory", None)
        with subtests.test(name):
            assert achieved == {}


def no_process_of_the_others_either(made, subtests):
    require_all_walls()
    for plane, name in (("mall", "mall"), ("mall", "console"), ("mall", "nginx"), ("sandbox", "sandbox")):
        know = made.wishes(made.home / plane, name)
        achieved = made.attack(made.home / plane, name, know)
        if name == "console":  # it asks every plane that there will be
            for call in ("call_ports", "call_ports_from_a_child"):
                achieved.pop(call)
        with subtests.test(name):
            assert achieved == {}


def the_attacks_work_where_there_is_no_wall(made, subtests):
    """Else the tests above would show nothing."""
    know = made.wishes(made.event, "gate-1") | {"files": [], "folders": [], "programs": [], "accounts": []}
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as victim:
        know["pids"] = [victim.pid]
        command = [sys.executable, str(HERE / "attacks.py"), json.dumps(know)]
        with folder_for_servers() as folder:
            done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)
        victim.kill()
    achieved = json.loads(done.stdout)
    assert {
        *("call_ports", "call_ports_by_fast_open", "call_ports_from_a_child", "listen_on_ports", "send_datagrams"),
        *(
            "call_unix_sockets",
            "talk_through_a_pair",
            "share_memory",
            "open_posix_memory",
            "read_environments",
            "read_semaphores",
        ),
        *("read_memory", "send_signals", "send_signals_to_groups", "send_signals_by_descriptor", "trace", "starve"),
        *("push_aside", "push_to_one_core", "push_behind_all", "push_a_group_aside", "push_a_user_aside"),
        *("push_a_groups_files_aside", "push_a_users_files_aside"),
    } <= set(achieved)


def started_as_root_accounts_alone_keep_planes_apart(made, subtests):
    if made.as_user:
        pytest.skip("one account has no such wall")
    for name in ATTACKED:
        know = made.wishes(made.event, name, sisters=False)
        achieved = made.attack(made.event, name, know, abi=0)
        with subtests.test(name):
            assert set(achieved) <= {
                "call_ports",
                "call_ports_from_a_child",
                "listen_on_ports",
                "share_memory",
                "open_posix_memory",
            }


def each_version_of_landlock_keeps_what_it_can(made, subtests):
    if not made.as_user:
        pytest.skip("accounts of their own would hide what Landlock lets through")
    since = {
        4: {"call_ports", "call_ports_from_a_child", "listen_on_ports"},
        6: {"send_signals", "send_signals_to_groups", "send_signals_by_descriptor"},
    }
    for abi in range(1, 8):
        with subtests.test(f"ABI {abi}"):
            if abi > landlock.abi():
                pytest.skip(f"NOT TESTED: this kernel has ABI {landlock.abi()}")
            achieved = made.attack(made.event, "gate-1", made.wishes(made.event, "gate-1"), abi=abi)
            assert set(achieved) <= set().union(*(names for version, names in since.items() if abi < version))


def accounts_are_of_one_plane_alone(made, subtests):
    accounts = {
        place: {spec.account for (at, name), spec in made.specs().items() if at == place and name != "controller"}
        for place in made.folders
    }
    if made.as_user:
        assert set().union(*accounts.values()) == {None}
    else:
        assert all(len(found) == 1 for found in accounts.values())
        assert len({account for found in accounts.values() for account in found}) == 3
    running = {Path(f"/proc/{pid}").stat().st_uid for pid in made.pids(made.event).values()}
    assert running == ({USER} if made.as_user else accounts[made.event])


def others_of_the_machine_read_nothing_in_a_home(made, subtests):
    assert readable_by_others(made.home) == []


def nothing_of_the_mall_is_known_to_an_event_process(made, subtests):
    """Neither a credential of the mall in any of them, nor one of another service of their plane."""
    secret = {path.read_text().strip() for path in (made.home / "mall/secrets").iterdir() if path.suffix != ".json"}
    key = json.loads((made.home / "mall/secrets/signing-key.json").read_text())
    secret |= {key[member] for member in ("d", "p", "q", "dp", "dq", "qi")}
    secret |= {path.read_text().strip() for path in (made.home / "sandbox/secrets").iterdir() if path.suffix != ".json"}
    assert len(secret) > 4
    told = {name: Path(f"/proc/{pid}/environ").read_text() for name, pid in made.pids(made.event).items()}
    told |= {file.name: file.read_text() for file in (made.event / "secrets").iterdir()}
    for name, text in told.items():
        assert not any(word in text for word in secret), f"{name} knows a secret of the mall or of the gateway"
    secrets_of = {path.name: path.read_text().strip() for path in (made.event / "secrets").iterdir()}
    for name, unknown in {
        "gate-1": ("postgres", "role-store", "role-worker", "payments"),
        "store-2": ("postgres", "role-worker", "valkey"),
        "worker": ("postgres", "role-store", "admission"),
        "nginx": ("postgres", "role-store", "role-worker", "payments", "admission", "valkey"),
    }.items():
        assert not any(secrets_of[word] in told[name] for word in unknown), name


CHECKS = (
    no_process_of_an_event_plane_reaches_another_process,
    no_process_of_the_others_either,
    the_attacks_work_where_there_is_no_wall,
    started_as_root_accounts_alone_keep_planes_apart,
    each_version_of_landlock_keeps_what_it_can,
    accounts_are_of_one_plane_alone,
    others_of_the_machine_read_nothing_in_a_home,
    nothing_of_the_mall_is_known_to_an_event_process,
)


def test_planes_are_walled_off(made, subtests):
    """All checks of one pair of planes: to make them takes longer than all the attacks."""
    for check in CHECKS:
        with subtests.test(check.__name__):
            check(made, subtests)
