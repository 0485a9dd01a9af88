"""Which plane goes first when the processors of this machine are full: the mall, because it is always open.

Every plane has processors of its own on AWS. On one machine the planes share them, so the processes of an event plane
get less weight (ADR 18).
"""

import os
import time
from contextlib import suppress
from pathlib import Path

EVENT_NICE = 3  # half of the weight of a process of the mall (sched(7))
_TRIES, _PAUSE_SECONDS = 3, 0.11  # an ordinary user may change one session's weight in a tenth of a second


def lower_priority(pid: int, nice: int) -> None:
    """Give process `pid`, which has a session of its own, and its later children the weight of `nice`.

    Linux can give each session the same weight and ignore those of its processes (autogroup, sched(7)). Then the
    session's own value counts. A process that has ended, or a system that forbids it, changes nothing.
    """
    with suppress(OSError):
        os.setpriority(os.PRIO_PROCESS, pid, nice)
    for _ in range(_TRIES):
        try:
            Path(f"/proc/{pid}/autogroup").write_text(str(nice), "ascii")
        except BlockingIOError:
            time.sleep(_PAUSE_SECONDS)
        except OSError:
            return
        else:
            return
