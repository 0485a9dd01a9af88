"""What this machine is, for figures that others compare with theirs."""

import os
import platform

import psutil

_GIB = 1024**3


def machine() -> str:
    """Return processors, memory, kernel and Python in one line."""
    memory = psutil.virtual_memory().total / _GIB
    processors = len(os.sched_getaffinity(0))
    system = f"{platform.system()} {platform.release()}, Python {platform.python_version()}"
    return f"{processors} CPU, {memory:.0f} GiB, {system}"
