"""One worker of the crowd: `python -m marketday.apps.crowd PLAN.json`."""

import os
import sys
from pathlib import Path

import uvloop

from marketday.crowd.errors import CrowdError
from marketday.crowd.http.wire import Wire
from marketday.crowd.journal import Journal
from marketday.crowd.plan import Plan, read_plan
from marketday.crowd.worker import play
from marketday.kit.logging import configure
from marketday.provisioners.local.priority import EVENT_NICE, lower_priority


def main(arguments: list[str]) -> int:
    """Play the plan in the named file; return 2 for a bad plan, 1 if a visit failed, otherwise 0."""
    if len(arguments) != 1:
        sys.stderr.write("usage: python -m marketday.apps.crowd PLAN.json\n")
        return 2
    configure("crowd", "info", "json")
    try:
        plan = read_plan(Path(arguments[0]))
    except CrowdError as error:
        sys.stderr.write(f"{error.title}: {error.detail}\n")
        return 2
    if plan.drop_visit is not None:  # the process that measures the mall must not wait for those that load the drop
        lower_priority(os.getpid(), EVENT_NICE)
    return 1 if uvloop.run(play_here(plan)) else 0


async def play_here(plan: Plan) -> int:
    """Play `plan` in this process; return how many visits failed."""
    with Journal(plan.journal) as journal:
        async with Wire(journal, plan.key) as wire:
            return await play(plan, wire)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
