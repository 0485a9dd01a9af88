"""Log groups that AWS makes anew: a service writes its last lines after Terraform has removed the group they go to."""

from collections.abc import Sequence

import structlog

from marketday.provisioners.sweep.calling import Caller
from marketday.provisioners.sweep.finder import dig, read_tags

SERVICE, CALL = "logs", "DeleteLogGroup"
# Of the groups in the stacks event and link, those whose writer may also create one; {} is the environment's name.
_NAMES = ("/aws/rds/instance/{}/postgresql", "/aws/ecs/containerinsights/{}/performance", "dms-tasks-{}-link")

_log = structlog.get_logger()


def names(environment_name: str) -> tuple[str, ...]:
    """Return the whole names of the groups that may come back, and of no others."""
    return tuple(name.format(environment_name) for name in _NAMES)


async def remove(caller: Caller, environment_name: str, region: str) -> Sequence[str]:
    """Remove in a region what came back; return the names. What carries a tag was made by somebody, and stays.

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
