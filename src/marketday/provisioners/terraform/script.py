"""The script of a run: the same wherever Terraform runs. It keeps its log, its exit code, its plan and its outputs."""

import json
import re
import shlex
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from string import Template
from typing import Any

from marketday.capacity.cost.plan import resources_of, to_json
from marketday.capacity.errors import CapacityError
from marketday.environments.ports import NotYet
from marketday.provisioners.terraform.adoption import wanted
from marketday.provisioners.terraform.model import Exit, Run, RunOutcome, changes, outputs

LOG_TAIL_BYTES = 16_000
_STILL = re.compile(
    r"^(?P<address>\S.*): Still destroying\.\.\. \[(id=(?P<id>[^,\]]+), )?"
    r"((?P<hours>\d+)h)?(?P<minutes>\d+)m\d+s elapsed\]",
    re.MULTILINE,
)
# These go within a few minutes, unless something still uses them; a database or a cache takes a quarter of an hour.
_SOON = re.compile(r"(^|\.)aws_(security_group|subnet|vpc|internet_gateway|ecs_service|ecs_cluster)\.[^.]+$")
_SLOW_MINUTES, _HELD_MINUTES = 3, 10
_WAITS = (
    "Terraform waits 15 to 45 minutes for it; then what uses it is told, and an hour after its begin the step fails."
)
PROVIDERS = "/etc/marketday.tfrc"  # where a build host's user data says where its provider is
SCRIPT, LOG, EXIT, PLAN, OUTPUTS = "run.sh", "log", "exit", "plan.json", "outputs.json"
ERRORED = "errored.tfstate"  # as Terraform calls it: a state that could not be written

_SCRIPT = Template(
    r"""#!/bin/sh
# Marketday: $action of the stack $stack, environment $environment, run $run.
set -u
cd "$$(dirname "$$0")" || exit 1
mkdir started 2>/dev/null || exit 0 # begun before: it runs, or has ended
echo "$$$$" > pid
exec >> log 2>&1 < /dev/null
export TF_IN_AUTOMATION=1 CHECKPOINT_DISABLE=1 TF_DATA_DIR="$$PWD/../data"
# Wait for a run that is just ending. A killed one holds the lock until it is broken (running.py).
export TF_CLI_ARGS_plan=-lock-timeout=20s TF_CLI_ARGS_apply=-lock-timeout=20s TF_CLI_ARGS_destroy=-lock-timeout=20s
# The provider comes from our mirror where the machine has one (build_host/user_data), not from the registry at 22:00;
# and where the stack keeps a lock file, only a provider with its hashes is taken.
[ ! -f $providers ] || export TF_CLI_CONFIG_FILE=$providers
export GIT_TERMINAL_PROMPT=0 # without a password git fails at once
finish() { echo "$$1" > exit.new && mv exit.new exit; exit "$$1"; }
trap 'finish 143' TERM INT HUP
tell() { echo "== $$(date -u +%Y-%m-%dT%H:%M:%SZ) $$*"; }
# If Terraform cannot write the state, it leaves it in a file, which would go with the machine. Often it could not
# release its lock either: that one is ours, and is opened by its id. Terraform refuses a file older than the state.
push_errored_state() {
    lock="$$(sed -n '/Error releasing the state lock/,$$ s/^[│ ]*ID: *//p' log | head -n 1)"
    for pause in 5 15 30; do
        [ -s "$$stack/$errored" ] || return 0
        tell write the state that could not be written
        [ -z "$$lock" ] || terraform -chdir="$$stack" force-unlock -force "$$lock" && lock=
        if terraform -chdir="$$stack" state push $errored; then rm "$$stack/$errored"; else sleep $$pause; fi
    done
    [ ! -s "$$stack/$errored" ] || mv "$$stack/$errored" .
}
serial() { terraform -chdir="$$stack" state pull | sed -n 's/^  "\(serial\|lineage\)": *\(.*\),$$/\2/p' | tr '\n' ' '; }

stack="$$PWD/../repository/infra/terraform/$stack"
# An earlier run's: newer states may have been written since.
[ ! -e "$$stack/$errored" ] || mv "$$stack/$errored" "earlier-$errored"
if [ "$$(git -C ../repository rev-parse HEAD 2>/dev/null)" != $commit ]; then
    tell clone $commit
    rm -rf ../repository && git init -q ../repository || finish $clone_failed
    git -C ../repository fetch -q --depth 1 $repository $commit ||
        git -C ../repository fetch -q $repository '+refs/*:refs/theirs/*' ||
        finish $clone_failed
    git -C ../repository checkout -q $commit || finish $clone_failed
fi
$local_backend
tell init
[ ! -f "$$stack/.terraform.lock.hcl" ] || locked=-lockfile=readonly
terraform -chdir="$$stack" init $${locked:-} -input=false -no-color -reconfigure -backend-config="$$PWD/backend.json" ||
    finish $init_failed
$body
finish 0
"""
)
_PLAN = Template(
    r"""
cp imports.tf "$$stack/marketday_imports.tf" # what a lost run made: the plan takes it over
tell plan
serial > serial
terraform -chdir="$$stack" plan -input=false -no-color -var-file="$$PWD/variables.tfvars.json" -out="$$PWD/plan" ||
    finish $plan_failed
terraform -chdir="$$stack" show -json "$$PWD/plan" > plan.new && mv plan.new plan.json || finish $plan_failed
"""
)
_APPLY = Template(
    r"""
kept="$$PWD/../$plan_of"
tell apply the plan of run $plan_of
[ -s "$$kept/plan" ] || { echo "Error: the plan of run $plan_of is not kept here"; finish $outdated; }
now="$$(serial)"
[ "$$now" = "$$(cat "$$kept/serial")" ] || {
    echo "Error: the plan was made of state $$(cat "$$kept/serial"), the state is now $$now"
    finish $outdated
}
cp "$$kept/plan.json" plan.json
terraform -chdir="$$stack" apply -input=false -no-color -parallelism=$parallelism "$$kept/plan" || {
    grep -q 'Saved plan is stale' log && finish $outdated
    push_errored_state
    finish $apply_failed
}
terraform -chdir="$$stack" output -no-color -json > outputs.new && mv outputs.new outputs.json || finish $outputs_failed
"""
)
_DESTROY = Template(
    r"""
cp imports.tf "$$stack/marketday_imports.tf"
if [ -s imports ]; then # what a lost run made: first nothing but that is taken over
    tell adopt
    set --
    while read -r address; do set -- "$$@" "-target=$$address"; done < imports
    terraform -chdir="$$stack" apply -auto-approve -input=false -no-color \
        -var-file="$$PWD/variables.tfvars.json" "$$@" || {
        push_errored_state
        finish $adopt_failed
    }
fi
tell destroy
terraform -chdir="$$stack" destroy -auto-approve -input=false -no-color -parallelism=$parallelism \
    -var-file="$$PWD/variables.tfvars.json" || {
    push_errored_state
    finish $destroy_failed
}
"""
)
_LOCAL_BACKEND = r"""printf 'terraform {\n  backend "local" {}\n}\n' > "$stack/backend_override.tf" """
_PARALLELISM = 30


@dataclass(frozen=True, slots=True)
class Source:
    """Where the repository with the stacks is, and where Terraform keeps its state."""

    repository: str  # an address or a path that git clones from
    backend: Mapping[str, Any]  # for the S3 backend: bucket, region, use_lockfile, ...; if empty, files beside the runs

    def state_key(self, run: Run) -> str:
        """Return the key of the state of a run's stack in the bucket."""
        return f"environments/{run.environment_id}/{run.stack}.tfstate"


def folder(run: Run) -> str:
    """Return a run's folder, relative to the folder where its host keeps all of them."""
    return f"{run.environment_id}/{run.stack}/{run.id}"


def start_command(path: str) -> str:
    """Return the shell command that starts the script at `path` detached, and returns at once."""
    return f"setsid /bin/sh {shlex.quote(path)} > /dev/null 2>&1 < /dev/null &"


def files(run: Run, source: Source) -> dict[str, str]:
    """Return the files that the folder of `run` needs before its script is started, by name."""
    state = (
        {**source.backend, "key": source.state_key(run)} if source.backend else {"path": "../../../../state.tfstate"}
    )
    return {
        "variables.tfvars.json": json.dumps(dict(run.variables), indent=2, ensure_ascii=False) + "\n",
        "backend.json": json.dumps(state) + "\n",
        "imports": "".join(f"{address}\n" for address in run.imports),
        "imports.tf": "".join(
            f"import {{\n  to = {address}\n  id = {_quoted(id_)}\n}}\n" for address, id_ in run.imports.items()
        ),
        SCRIPT: _script(run, source),
    }


def outcome(exit_code: int, log: str, log_place: str, plan: str, shown: str) -> RunOutcome:
    """Read the result of a run: its exit code, the end of its log, and the texts of plan.json and outputs.json."""
    planned = json.loads(plan) if plan.strip() else {}
    return RunOutcome(
        exit_code=exit_code,
        log=log[-LOG_TAIL_BYTES:],
        log_place=log_place,
        changes=changes(planned),
        resources=_costing(planned),
        wanted=[asdict(each) for each in wanted(planned)],
        outputs=outputs(json.loads(shown)) if shown.strip() else {},
    )


def progress(log: str) -> NotYet:
    """Return how far a run is: its part, how many resources are done, and what has not gone for minutes."""
    part = next((line for line in reversed(log.splitlines()) if line.startswith("== ")), "== started").split(" ", 2)[-1]
    done = log.count("Creation complete after") + log.count("Destruction complete after")
    told = f"terraform: {part}, {done} resources done" if done else f"terraform: {part}"
    still = _not_gone(log)
    slow = max([each for each in still if each[0] >= _SLOW_MINUTES], default=None)
    held = max([each for each in still if each[0] >= _HELD_MINUTES and _SOON.search(each[1])], default=None)
    trouble = f"{_words(*held)}: something still uses it. {_WAITS}" if held else ""
    return NotYet(f"{told}; {_words(*slow)}" if slow else told, trouble)


def _words(minutes: int, address: str, name: str) -> str:
    return f"{address} ({name}) has not gone for {minutes} minutes"


def _not_gone(log: str) -> list[tuple[int, str, str]]:
    """Return the minutes, the address and the id of each resource that Terraform is still removing."""
    still = {each["address"]: each for each in _STILL.finditer(log)}
    return [
        (60 * int(each["hours"] or 0) + int(each["minutes"]), address, each["id"] or "no id")
        for address, each in still.items()
        if f"{address}: Destruction complete after" not in log
    ]


def _quoted(text: str) -> str:
    """Return `text` as HCL writes it: only as itself, never as a template."""
    return json.dumps(text, ensure_ascii=False).replace("${", "$${").replace("%{", "%%{")


def _costing(planned: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the resources of a plan that cost something; none, without an error, if the bill cannot read the plan."""
    try:
        return to_json(resources_of(planned)) if planned else []
    except CapacityError:
        return []


def _script(run: Run, source: Source) -> str:
    values = {
        "action": run.action,
        "stack": run.stack,
        "environment": run.environment_id,
        "run": run.id,
        "commit": shlex.quote(run.commit),
        "repository": shlex.quote(source.repository),
        "providers": PROVIDERS,
        "errored": ERRORED,
        "plan_of": run.plan_of,
        "parallelism": _PARALLELISM,
        "clone_failed": int(Exit.CLONE),
        "init_failed": int(Exit.INIT),
        "adopt_failed": int(Exit.ADOPT),
        "plan_failed": int(Exit.PLAN),
        "apply_failed": int(Exit.APPLY),
        "outdated": int(Exit.OUTDATED),
        "destroy_failed": int(Exit.DESTROY),
        "outputs_failed": int(Exit.OUTPUTS),
        "local_backend": "" if source.backend else _LOCAL_BACKEND,
    }
    body = {"plan": _PLAN, "apply": _APPLY, "destroy": _DESTROY}[run.action].substitute(values)
    return _SCRIPT.substitute(values, body=body)
