"""A mall and an event plane, made and removed by a process of their own: as root, or as an ordinary user.

`python walled.py <home> <environment id> [user id]` makes both, says so, and removes both when its input ends. With a
user id it becomes that user first, and sees the programs that root has closed.
"""

import asyncio
import json
import os
import sys
from pathlib import Path
from uuid import UUID

from marketday.provisioners.local.walls.enter import _programs
from marketday.provisioners.local.walls.showing import show


def become(user):
    show(_programs())
    os.setgroups([])
    os.setresgid(user, user, user)
    os.setresuid(user, user, user)


async def play(path, environment_id):
    import provisioning

    from marketday.provisioners.local.home import open_home
    from marketday.provisioners.local.mall_plane import start_mall, stop_everything

    local = provisioning.provisioner(path)
    one = provisioning.environment(environment_id)
    home = open_home(path)
    try:
        mall = await start_mall(home)
        await local.apply(one)
        print(json.dumps({"key": str(mall.signing_key_file)}), flush=True)  # noqa: T201
        await asyncio.to_thread(sys.stdin.read)
        await local.destroy(one, f"{provisioning.GENUINE} of {one.id}")
        print(json.dumps({"left": list(await local.leftovers(one.id))}), flush=True)  # noqa: T201
    finally:
        await stop_everything(home)


if __name__ == "__main__":
    if len(sys.argv) > 3:
        become(int(sys.argv[3]))
    asyncio.run(play(Path(sys.argv[1]), UUID(sys.argv[2])))
