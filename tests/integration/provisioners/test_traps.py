"""What code in a plane plants in its own folders leads nobody with more rights anywhere."""

import os
import signal
import sys
from pathlib import Path

import psutil
import pytest

from marketday.kit.ids import new_id
from marketday.provisioners.local.accounts import account_of, own_folder
from marketday.provisioners.local.model import Plane, ProcessSpec, Walls
from marketday.provisioners.local.plane_folder import PlaneFolder
from marketday.provisioners.local.processes import find
from marketday.provisioners.local.provisioner import plane_id_of
from marketday.provisioners.local.start_stop import start_plane, stop_plane

from .conftest import all_alive, status_of
from .test_provisioner import folder_of, home, local, one, receipt_of  # noqa: F401 - fixtures

MODULES = ("json.py", "ctypes.py", "sitecustomize.py", "usercustomize.py", "marketday.py", "standins.py")


@pytest.fixture
def kept(server_folder):
    """A file of ours that no plane may touch."""
    file = server_folder / "kept"
    file.write_text("kept")
    file.chmod(0o600)
    yield file
    file.unlink()


def facts(file):
    found = file.stat()
    return found.st_uid, found.st_gid, found.st_mode, found.st_mtime_ns, file.read_text()


def plant(path, target, account):
    path.unlink(missing_ok=True)
    path.symlink_to(target)
    if account is not None:
        os.chown(path, account, account, follow_symlinks=False)


async def test_links_and_modules_in_a_planes_own_folders_are_traps_for_nobody(local, one, home, kept, eventually):  # noqa: F811
    await local.apply(one)
    folder, before = folder_of(home, one), facts(kept)
    account = account_of(folder)
    proof = kept.with_name("proof")
    for name in ("gate-1", "store-1", "worker", "valkey", "nginx", "postgres/data"):
        for module in MODULES:
            trap = folder / name / module
            trap.write_text(
                f"import os\nif os.geteuid() == 0: open({str(proof)!r}, 'w')\nraise SystemExit('trapped')\n"
            )
            if account is not None:
                os.chown(trap, account, account)
    plant(folder / "postgres" / "data" / "postmaster.pid", kept, account)
    plant(folder / "nginx" / "nginx.pid.oldbin", kept, account)
    plant(folder / "valkey" / "dump.rdb", kept, account)
    plant(folder / "gate-1" / "planted.log", kept, account)
    for name in ("postgres", "valkey", "nginx", "gate-1", "store-1", "worker"):
        os.kill(status_of(folder)[name].pid, signal.SIGKILL)
        await eventually(lambda name=name: status_of(folder)[name].restarts >= 1 and all_alive(folder))
    os.kill(status_of(folder)["supervisor"].pid, signal.SIGKILL)
    await eventually(lambda: local.keep_up(one))
    await local.apply(one)
    await local.destroy(one, receipt_of(one))
    assert await local.leftovers(one.id) == []
    assert facts(kept) == before
    assert not proof.exists()


async def test_a_plane_keeps_its_account_over_everything(local, one, home, eventually):  # noqa: F811
    await local.apply(one)
    folder = folder_of(home, one)
    account = account_of(folder)
    os.kill(status_of(folder)["supervisor"].pid, signal.SIGKILL)
    await eventually(lambda: local.keep_up(one))
    os.kill(status_of(folder)["gate-1"].pid, signal.SIGKILL)
    await eventually(lambda: status_of(folder)["gate-1"].restarts == 1 and all_alive(folder))
    await local.apply(one)
    assert account_of(folder) == account
    owners = {
        Path(f"/proc/{process.pid}").stat().st_uid
        for process in find(plane_id_of(one.id), folder)
        if process.pid != status_of(folder)["supervisor"].pid
    }
    assert owners == {os.geteuid() if account is None else account}


HIDING = """
import os, sys, time
if os.fork() == 0:
    if os.fork() == 0:
        os.execve(sys.executable, ["a-harmless-name", "-c", "import time; time.sleep(600)"], {"HIDING": sys.argv[1]})
    os._exit(0)
time.sleep(600)
"""


@pytest.mark.parametrize("ordinary", [False, True])
async def test_a_process_that_hides_its_mark_ends_with_the_plane(ordinary, plane_path, eventually):
    """A child of a child, in no folder of the plane and with nothing in its environment."""
    word = new_id().hex
    account = None if ordinary else account_of(plane_path)
    own_folder(plane_path / "gate", account)
    argv = (sys.executable, "-c", HIDING, word)
    spec = ProcessSpec(name="gate", argv=argv, folder=str(plane_path / "gate"), account=account, walls=Walls())
    PlaneFolder(plane_path).write_plane(Plane(plane_id="hiding", processes=(spec,)))
    start_plane(plane_path)

    def hidden():
        return [pid for pid in psutil.pids() if word in _environment(pid)]

    await eventually(hidden)
    stop_plane(plane_path)
    assert hidden() == []


def _environment(pid):
    try:
        return Path(f"/proc/{pid}/environ").read_text()
    except OSError:
        return ""
