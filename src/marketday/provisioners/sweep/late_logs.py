"""Log groups that AWS makes again because a service writes its last lines after Terraform removed its log group."""

from collections.abc import Sequence

import structlog

from marketday.provisioners.sweep.calling import Caller
from marketday.provisioners.sweep.finder import dig, read_tags

SERVICE, CALL = "logs", "DeleteLogGroup"
# Log groups in the stacks event and link whose writer may also create them; {} is the environment's name.
_NAMES = ("/aws/rds/instance/{}/postgresql", "/aws/ecs/containerinsights/{}/performance", "dms-tasks-{}-link")

_log = structlog.get_logger()


def names(environment_name: str) -> tuple[str, ...]:
    """Return the full names of the groups that may come back, and no others."""
    return tuple(name.format(environment_name) for name in _NAMES)


async def remove(caller: Caller, environment_name: str, region: str) -> Sequence[str]:
    """Remove the groups that came back in a region; return their names. A group with tags is kept: AWS sets none.

    Raises:
        SweepUnproven: CloudWatch Logs refused or did not answer.

    """
    removed = []
    for name in names(environment_name):
        pages = await caller.ask(SERVICE, region, "DescribeLogGroups", {"logGroupNamePrefix": name})
        for group in dig(pages, "logGroups"):
            if group["logGroupName"] != name:
                continue
            arn = {"resourceArn": group["logGroupArn"]}
            if read_tags(await caller.ask(SERVICE, region, "ListTagsForResource", arn, of_one=True), "tags"):
                continue
            await caller.ask(SERVICE, region, CALL, {"logGroupName": name}, of_one=True)
            _log.info("late_logs_removed", group=name, region=region)
            removed.append(name)
    return removed
