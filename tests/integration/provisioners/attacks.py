"""What code that got into a process tries: run behind that process's walls, it prints what it achieved as JSON.

`python attacks.py <JSON of what it knows>`: paths, ports and process ids of others, which a real attacker would find by
trying. An attack's name stands in the answer where it worked. Of the standard library alone.
"""

import contextlib
import ctypes
import json
import os
import resource
import signal
import socket
import sys
from pathlib import Path

ATTACKS = {}
libc = ctypes.CDLL(None, use_errno=True)
libc.shmat.restype = ctypes.c_void_p
MPTCP, FAST_OPEN = 262, 0x20000000
NOBODY_ELSES = 2_111_111_111  # a number of no user


def attack(function):
    """An attack returns something true where it worked, or raises."""
    ATTACKS[function.__name__] = function
    return function


def each(items, work):
    """Try all; return those that worked."""
    done = []
    for item in items:
        try:
            if work(item) is not False:
                done.append(str(item))
        except OSError:
            continue
    return done


def done(result):
    if result == -1:
        raise OSError(ctypes.get_errno(), "refused")
    return True


@attack
def read_files(know):
    return each(know["files"], lambda path: Path(path).read_bytes())


@attack
def list_folders(know):
    return each(know["folders"], os.listdir)


@attack
def write_files(know):
    return each(know["files"], lambda path: Path(path).open("ab").close())


@attack
def make_files(know):
    return each([*know["folders"], *know["programs"]], lambda folder: (Path(folder) / "planted").touch())


@attack
def change_modes(know):
    def change(path):
        Path(path).chmod(0o777)
        return Path(path).stat().st_mode & 0o7777 == 0o777

    return each([*know["files"], *know["folders"]], change)


@attack
def set_attributes(know):
    return each(know["files"], lambda path: os.setxattr(path, "user.planted", b"x"))


@attack
def link_files(know):
    def link(path):
        target = Path.cwd() / "planted-link"
        target.unlink(missing_ok=True)
        os.link(path, target)

    return each(know["files"], link)


@attack
def read_through_a_link(know):
    def read(path):
        link = Path.cwd() / "planted-symlink"
        link.unlink(missing_ok=True)
        link.symlink_to(path)
        return link.read_bytes()

    return each(know["files"], read)


@attack
def read_environments(know):
    return each(know["pids"], lambda pid: Path(f"/proc/{pid}/environ").read_bytes() or False)


@attack
def read_memory(know):
    return each(know["pids"], lambda pid: os.close(os.open(f"/proc/{pid}/mem", os.O_RDONLY)))


@attack
def walk_through_a_process(know):
    return each(know["pids"], lambda pid: list(Path(f"/proc/{pid}/cwd").iterdir()))


@attack
def trace(know):
    def seize(pid):
        done(libc.ptrace(0x4206, pid, 0, 0))  # PTRACE_SEIZE

    return each(know["pids"], seize)


@attack
def send_signals(know):
    return each(know["pids"], lambda pid: os.kill(pid, 0))


@attack
def send_signals_to_groups(know):
    return each(know["pids"], lambda pid: os.killpg(os.getpgid(pid), 0))


@attack
def send_signals_by_descriptor(know):
    return each(know["pids"], lambda pid: signal.pidfd_send_signal(os.pidfd_open(pid), 0))


@attack
def starve(know):
    return each(know["pids"], lambda pid: resource.prlimit(pid, resource.RLIMIT_NOFILE, (64, 64)))


@attack
def push_aside(know):
    return each(know["pids"], lambda pid: os.setpriority(os.PRIO_PROCESS, pid, 19))


@attack
def push_to_one_core(know):
    return each(know["pids"], lambda pid: os.sched_setaffinity(pid, {0}))


@attack
def push_behind_all(know):
    return each(know["pids"], lambda pid: os.sched_setscheduler(pid, os.SCHED_IDLE, os.sched_param(0)))


@attack
def push_a_group_aside(_know):
    return reaches_a_sister(lambda: os.setpriority(os.PRIO_PGRP, 0, 7), nice_of)


@attack
def push_a_user_aside(_know):
    return reaches_a_sister(lambda: os.setpriority(os.PRIO_USER, 0, 7), nice_of)


@attack
def push_a_groups_files_aside(_know):
    return reaches_a_sister(lambda: set_priority_of_files(2, 0), priority_of_files)


@attack
def push_a_users_files_aside(_know):
    return reaches_a_sister(lambda: set_priority_of_files(3, os.getuid()), priority_of_files)


def nice_of(pid):
    return os.getpriority(os.PRIO_PROCESS, pid)


def set_priority_of_files(which, who):  # for users, 0 is root and not oneself
    done(libc.syscall({"x86_64": 251, "aarch64": 30}[os.uname().machine], which, who, 2 << 13 | 7))  # ioprio_set


def priority_of_files(pid):
    return libc.syscall({"x86_64": 252, "aarch64": 31}[os.uname().machine], 1, pid)  # ioprio_get


def reaches_a_sister(change, look):
    """Whether `change`, which names no process, changes what `look` sees of another process of this group and user.

    A group of its own, and where root tries it a user of its own: it must never reach the rest of the machine.
    """
    trying = os.fork()
    if trying == 0:
        reached = False
        with contextlib.suppress(OSError):
            os.setpgid(0, 0)
            if os.geteuid() == 0:
                os.setresuid(NOBODY_ELSES, NOBODY_ELSES, NOBODY_ELSES)
            reached = _reaches_a_child(change, look)
        os._exit(reached)
    return os.waitstatus_to_exitcode(os.waitpid(trying, 0)[1]) != 0


def _reaches_a_child(change, look):
    sister = os.fork()
    if sister == 0:
        signal.pause()
    try:
        before = look(sister)
        change()
        return look(sister) != before
    finally:
        os.kill(sister, signal.SIGKILL)
        os.waitpid(sister, 0)


@attack
def offer_to_the_killer(know):
    return each(know["pids"], lambda pid: Path(f"/proc/{pid}/oom_score_adj").write_text("1000"))


def _call(port, protocol=0):
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, protocol) as caller:
        caller.settimeout(2)
        caller.connect(("127.0.0.1", port))


@attack
def call_ports(know):
    return each(know["ports"], _call)


@attack
def call_ports_by_mptcp(know):
    return each(know["ports"], lambda port: _call(port, MPTCP))


@attack
def call_ports_by_fast_open(know):
    def call(port):
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as caller:  # blocking: it connects before it returns
            caller.sendto(b"x", FAST_OPEN, ("127.0.0.1", port))

    return each(know["ports"], call)


@attack
def call_ports_from_a_child(know):
    pid = os.fork()
    if pid == 0:
        os.setsid()
        os._exit(bool(each(know["ports"], _call)))
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) != 0


@attack
def listen_on_ports(know):
    def listen(port):
        with socket.socket() as listener:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
            listener.bind(("127.0.0.9", port))

    return each(know["ports"], listen)


@attack
def send_datagrams(know):
    def send(port):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            sender.sendto(b"x", ("127.0.0.1", port))

    return each(know["ports"], send)


@attack
def call_unix_sockets(know):
    def call(name):
        with socket.socket(socket.AF_UNIX) as caller:
            caller.connect(name.replace("@", "\0", 1) if name.startswith("@") else name)

    return each(know["sockets"], call)


@attack
def talk_through_a_pair(know):
    def talk(name):
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
        with ours, theirs:
            ours.connect(name.replace("@", "\0", 1) if name.startswith("@") else name)

    return each(know["datagram_sockets"], talk)


@attack
def share_memory(know):
    def share(identifier):
        address = libc.shmat(identifier, None, 0)
        done(-1 if address == ctypes.c_void_p(-1).value else 0)

    return each(know["shared_memory"], share)


@attack
def read_semaphores(know):
    return each(know["semaphores"], lambda identifier: done(libc.semctl(identifier, 0, 12)))  # GETVAL


@attack
def open_posix_memory(know):
    return each(know["posix_memory"], lambda name: Path("/dev/shm", name).read_bytes())  # noqa: S108


@attack
def set_up_a_ring(know):
    return done(libc.syscall(425, 4, ctypes.create_string_buffer(120)))


@attack
def gain_by_a_namespace(know):
    if libc.unshare(0x10000000) != 0:  # a user namespace: root in it
        return False
    return read_files(know) or read_environments(know) or libc.mount(b"tmpfs", b"/usr", b"tmpfs", 0, None) == 0


@attack
def become_another(know):
    return each(know["accounts"], lambda account: os.setresuid(account, account, account))


@attack
def gain_by_a_setuid_program(know):
    status = Path("/proc/self/status").read_text()
    return "NoNewPrivs:\t1" not in status


def main():
    know = json.loads(sys.argv[1])
    achieved = {}
    for name, work in ATTACKS.items():
        try:
            if found := work(know):
                achieved[name] = found
        except OSError:
            continue
    with contextlib.suppress(FileExistsError):
        Path("planted-closed").mkdir(mode=0)  # its owner has to open it before it can be removed
    json.dump(achieved, sys.stdout)


if __name__ == "__main__":
    main()
