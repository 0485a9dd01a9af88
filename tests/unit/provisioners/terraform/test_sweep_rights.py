"""What the lifecycle's role is granted, against what the sweep does: nothing is missing, nothing is too much."""

import re
from collections import Counter
from fnmatch import fnmatchcase
from pathlib import Path

from marketday.provisioners.sweep import late_logs
from marketday.provisioners.sweep.rights import actions

LIFECYCLE = Path(__file__).parents[4] / "infra" / "terraform" / "modules" / "lifecycle"
SERVICE = re.compile(r'^    (?P<quote>"?)(?P<service>[\w-]+)(?P=quote) += \[(?P<calls>[^]]*)\]\n', re.MULTILINE)
CALLS = re.compile(r'"([A-Z]\w*\*?)"')
# What else is looked at and has no resource: Run Command's answers, by the build host's shell.
BESIDES = {"ssm:GetCommandInvocation"}
FEWEST_BEHIND_A_STAR = 5


def text(name):
    return (LIFECYCLE / name).read_text("utf-8")


def granted():
    block = text("looking.tf").partition("  looks = {\n")[2].partition("\n  }\n")[0] + "\n"
    services = list(SERVICE.finditer(block))
    assert "".join(each[0] for each in services) == block, "looks is a list of calls for each service, a line each"
    return [f"{each['service']}:{call}" for each in services for call in CALLS.findall(each["calls"])]


def test_every_action_of_the_sweep_is_granted():
    patterns = granted()
    assert len(patterns) > len({pattern.partition(":")[0] for pattern in patterns})
    assert sorted(action for action in actions() if not any(fnmatchcase(action, each) for each in patterns)) == []


def test_nothing_is_granted_that_no_sweep_asks():
    used = actions() | BESIDES
    behind = {pattern: [action for action in used if fnmatchcase(action, pattern)] for pattern in granted()}
    assert [pattern for pattern, found in behind.items() if not found] == []
    starred = {pattern: found for pattern, found in behind.items() if pattern.endswith("*")}
    assert [pattern for pattern, found in starred.items() if len(found) < FEWEST_BEHIND_A_STAR] == []
    assert [pattern for pattern, times in Counter(granted()).items() if times > 1] == []


def test_only_the_log_groups_that_aws_makes_anew_may_be_removed():
    action = f"{late_logs.SERVICE}:{late_logs.CALL}"
    [statement] = [each for each in text("permissions.tf").split("  statement {\n") if f'"{action}"' in each]
    assert re.findall(r'actions += \["([^"]+)"\]', statement) == [action]
    [listed] = re.findall(r"for group in \[([^]]+)\]", statement)
    assert re.findall(r'"([^"]+)"', listed) == list(late_logs.names("md-*"))
    assert 'log-group:${group}:*"' in statement
    assert '"aws:ResourceTag/marketday:environment"' in statement
