"""A local provisioner with stand-in services; as a program it applies one environment, to be killed while it does."""

import asyncio
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

from marketday.drops.definition import DropDefinition
from marketday.environments.model import requested
from marketday.kit.errors import Permanent
from marketday.provisioners.local import bringing_up
from marketday.provisioners.local.accounts import passable_folder
from marketday.provisioners.local.counts import keep_processes
from marketday.provisioners.local.event_plane import Given
from marketday.provisioners.local.home import open_home
from marketday.provisioners.local.provisioner import LocalProvisioner
from marketday.testing.gateway import FakeGateway

STANDINS = "standins"
GENUINE = "receipt"
PROCESSES = 2  # of gate, and of store, on a machine with any number of processors


class Receipts:
    """Takes one text for genuine."""

    def check(self, token, environment_id):
        if token != f"{GENUINE} of {environment_id}":
            raise Permanent(f"{token!r} is not a receipt of {environment_id}")


def provisioner(home: Path, payment_keys: FakeGateway | None = None) -> LocalProvisioner:
    bringing_up.SERVICES = STANDINS
    given = Given('{"keys": []}', "http://mall.localhost:1", "http://127.0.0.1:2")
    opened = open_home(home)
    passable_folder(opened.mall.path)
    keep_processes(opened.mall.path, PROCESSES)
    return LocalProvisioner(opened, given, Receipts(), payment_keys or FakeGateway())


def environment(environment_id: UUID):
    now = datetime.now(UTC)
    definition = DropDefinition.model_validate(
        {
            "slug": "a-drop",
            "name": {"ko": "드롭", "en": "A drop"},
            "zone": "Asia/Seoul",
            "opens_at": now + timedelta(minutes=1),
            "closes_at": now + timedelta(minutes=2),
            "regions": ["ap-northeast-2"],
            "products": [{"sku": "A", "stock": 1, "limit_per_person": 1}],
        }
    )
    return requested(environment_id, definition, definition.schedule())


if __name__ == "__main__":
    asyncio.run(provisioner(Path(sys.argv[1])).apply(environment(UUID(sys.argv[2]))))
