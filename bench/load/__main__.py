"""The process of one load client. The bench sends it lines on standard input and reads lines from its standard output.

It reads its plan, says `ready` when all connections are open, reads when to begin (by `time.perf_counter`, which all
processes of a machine share), and writes what it saw as JSON.
"""

import asyncio
import gc
import json
import os
import resource
import sys
from typing import Any

import uvloop

from bench.load.crew import Crew
from bench.load.people import read_people
from bench.load.plan import Load
from marketday.provisioners.local.priority import lower_priority


async def main() -> None:
    """Do one plan."""
    load = Load.from_json(sys.stdin.readline())
    if load.cores:
        os.sched_setaffinity(0, load.cores)
    if load.nice:
        lower_priority(os.getpid(), load.nice)
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    asyncio.get_running_loop().set_exception_handler(_end)
    crew = Crew(load, read_people(load.people, load.most_people, load.share))
    await crew.connect()
    gc.collect()
    gc.freeze()
    gc.disable()
    print("ready", flush=True)
    begin = await asyncio.to_thread(sys.stdin.readline)
    seen = await crew.run(float(begin))
    print(json.dumps(seen.to_document()), flush=True)
    await crew.close()


def _end(_: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """End the process at the first error in a callback: what it would count after that is wrong."""
    print(f"the load client failed: {context.get('exception') or context['message']!r}", file=sys.stderr)
    os._exit(1)


uvloop.run(main())
