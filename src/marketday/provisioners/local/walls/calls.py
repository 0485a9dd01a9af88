"""Refuses, by a filter (seccomp(2)), system calls with which a process could reach other processes or their files.

The filter allows what our services need: TCP sockets, socket pairs, their own files. Most of the refused calls are not
covered by Landlock: for example Unix sockets of the session (D-Bus starts programs), MPTCP and TCP Fast Open (they
avoid the rule on connections), modes and owners of the same account's other files, System V's shared objects, kernel
keys, and the limits of another process. io_uring would avoid this filter itself. Landlock covers `ptrace` and
`process_vm_*`: they are refused here for kernels without it.
"""

import ctypes
import errno
import os
import socket
import struct
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain

_SET_SECCOMP, _FILTER = 22, 2
_AUDIT_ARCH = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
_X32 = 0x40000000  # the numbers of x86's third interface begin here
_FAST_OPEN = 0x20000000

# number on x86_64, number on aarch64; -1 if there is none
_REFUSED = {
    "io_uring_setup": (425, 425),
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "open_by_handle_at": (304, 265),
    "inotify_add_watch": (254, 27),
    "chown": (92, -1),
    "fchown": (93, 55),
    "lchown": (94, -1),
    "fchownat": (260, 54),
    "setxattr": (188, 5),
    "lsetxattr": (189, 6),
    "fsetxattr": (190, 7),
    "removexattr": (197, 14),
    "lremovexattr": (198, 15),
    "fremovexattr": (199, 16),
    "setxattrat": (463, 463),
    "removexattrat": (466, 466),
    "file_setattr": (469, 469),
    "utime": (132, -1),
    "utimes": (235, -1),
    "futimesat": (261, -1),
    "utimensat": (280, 88),
    "semget": (64, 190),
    "semop": (65, 193),
    "semctl": (66, 191),
    "semtimedop": (220, 192),
    "msgget": (68, 186),
    "msgsnd": (69, 189),
    "msgrcv": (70, 188),
    "msgctl": (71, 187),
    "mq_open": (240, 180),
    "mq_unlink": (241, 181),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "keyctl": (250, 219),
}
_MODES = {"chmod": (90, -1), "fchmod": (91, 52), "fchmodat": (268, 53), "fchmodat2": (452, 452)}
_SHARED_MEMORY = {"shmget": (29, 194), "shmat": (30, 196), "shmctl": (31, 195)}
# Calls that change how a process runs, and what their arguments must be (place: value) so that this is the caller. Its
# number is 0. Two calls also have an argument for what the number means; there 0 can be a whole group or user, so this
# argument must be "process".
_OF_ONESELF = {
    "prlimit64": ((302, 261), {0: 0}),
    "sched_setaffinity": ((203, 122), {0: 0}),
    "sched_setparam": ((142, 118), {0: 0}),
    "sched_setscheduler": ((144, 119), {0: 0}),
    "sched_setattr": ((314, 274), {0: 0}),
    "migrate_pages": ((256, 238), {0: 0}),
    "move_pages": ((279, 239), {0: 0}),
    "setpriority": ((141, 140), {0: 0, 1: 0}),  # PRIO_PROCESS
    "ioprio_set": ((251, 30), {0: 1, 1: 0}),  # IOPRIO_WHO_PROCESS
}
# Calls that send, and the position of their flags.
_SENDING = {"sendto": (44, 206, 3), "sendmsg": (46, 211, 2), "sendmmsg": (307, 269, 3)}
_SOCKET, _SOCKET_PAIR = (41, 198), (53, 199)

_LOAD, _AND, _IF_EQUAL, _IF_AT_LEAST, _IF_ANY_BIT, _RETURN = 0x20, 0x54, 0x15, 0x35, 0x45, 0x06
_ALLOW, _REFUSE = 0x7FFF0000, 0x00050000 | errno.EPERM

_Line = tuple[int, int, int, int]
_REFUSAL: _Line = (_RETURN, 0, 0, _REFUSE)
_PRETENCE: _Line = (_RETURN, 0, 0, 0x00050000)  # with the error 0 the call reports success
_CONSENT: _Line = (_RETURN, 0, 0, _ALLOW)

_libc = ctypes.CDLL(None, use_errno=True)


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("lines", ctypes.c_char_p))


def are_filtered() -> bool:
    """Return whether this machine can refuse calls: its architecture is known, and its kernel has the filter."""
    if os.uname().machine not in _AUDIT_ARCH:
        return False
    _libc.prctl(_SET_SECCOMP, _FILTER, None, 0, 0)  # sets no filter; the error is EFAULT if the kernel has filters
    return ctypes.get_errno() == errno.EFAULT


def refuse(*, shared_memory: bool = False, chmod_is_ignored: bool = False) -> None:
    """Refuse those calls from now on, here and in all processes started from here; needs PR_SET_NO_NEW_PRIVS.

    With `shared_memory` System V's shared memory stays allowed: PostgreSQL checks with it whether another server uses
    its files. With `chmod_is_ignored` a change of modes does nothing but reports success: nginx sets the mode of each
    file in its cache, but the file already has that mode.
    """
    lines = filter_lines(os.uname().machine, shared_memory=shared_memory, chmod_is_ignored=chmod_is_ignored)
    code = b"".join(struct.pack("=HBBI", *line) for line in lines)
    if _libc.prctl(_SET_SECCOMP, _FILTER, ctypes.byref(_Program(len(lines), code)), 0, 0) != 0:
        error = ctypes.get_errno()
        raise OSError(error, f"seccomp: {os.strerror(error)}")


def filter_lines(machine: str, *, shared_memory: bool = False, chmod_is_ignored: bool = False) -> list[_Line]:
    """Return the filter for an architecture as lines of classic BPF; raises KeyError for an unknown one."""
    architecture, which = _AUDIT_ARCH[machine], list(_AUDIT_ARCH).index(machine)
    refused = _REFUSED if shared_memory else _REFUSED | _SHARED_MEMORY
    lines = [_load(4), (_IF_EQUAL, 1, 0, architecture), _REFUSAL, _load(0)]
    if machine == "x86_64":
        lines += [(_IF_AT_LEAST, 0, 1, _X32), _REFUSAL]
    for numbers in refused.values():
        lines += _on(numbers[which], [_REFUSAL])
    for numbers in _MODES.values():
        lines += _on(numbers[which], [_PRETENCE if chmod_is_ignored else _REFUSAL])
    for numbers, arguments in _OF_ONESELF.values():
        lines += _on(numbers[which], [*_exactly(arguments), _CONSENT])
    for call in _SENDING.values():
        lines += _on(call[which], [_load_argument(call[2]), (_IF_ANY_BIT, 0, 1, _FAST_OPEN), _REFUSAL, _CONSENT])
    lines += _on(
        _SOCKET[which], [*_only(0, (socket.AF_INET, socket.AF_INET6)), *_stream(), *_only(2, (0, 6)), _CONSENT]
    )
    lines += _on(_SOCKET_PAIR[which], [*_stream(), _CONSENT])
    return [*lines, _CONSENT]


def _on(number: int, lines: Sequence[_Line]) -> list[_Line]:
    """Run `lines`, which end with a decision, if the call is `number`; other calls keep their number loaded."""
    return [] if number < 0 else [(_IF_EQUAL, 0, len(lines), number), *lines]


def _only(place: int, allowed: Iterable[int]) -> list[_Line]:
    """Refuse unless the argument is one of two."""
    first, second = allowed
    return [_load_argument(place), (_IF_EQUAL, 2, 0, first), (_IF_EQUAL, 1, 0, second), _REFUSAL]


def _exactly(arguments: Mapping[int, int]) -> list[_Line]:
    """Refuse unless each argument has its value."""
    checks = ([_load_argument(place), (_IF_EQUAL, 1, 0, value), _REFUSAL] for place, value in arguments.items())
    return list(chain.from_iterable(checks))


def _stream() -> list[_Line]:
    return [_load_argument(1), (_AND, 0, 0, 0xF), (_IF_EQUAL, 1, 0, socket.SOCK_STREAM), _REFUSAL]


def _load(offset: int) -> _Line:
    return (_LOAD, 0, 0, offset)


def _load_argument(place: int) -> _Line:
    return _load(16 + 8 * place)  # the lower half: all of these arguments are ints to the kernel
