"""Checks rendered manifests as text: each object against the schema of its kind, and all of them against our policies.

    kubectl kustomize overlays/prod | python check.py 1.35
    python check.py 1.35 --each < TREES.json    several at once: {name: [object, ...]} gives {name: [[rule, what], ...]}

With `--policies FOLDER` other policies are asked than those beside this file, with `--policies none` only the schemas.
With `--each` a name may say so for itself: {"FOLDER|name": [...]}.
It runs in an environment of its own (tools.lock), without a cluster and without the network.
"""

import argparse
import json
import re
import sys
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

import jsonschema
import kubernetes_validate
import yaml
from kubernetes_validate import utils
from opa_eval import OpaEval

HERE = Path(__file__).parent
SCHEMAS = (HERE / "schemas", HERE.parent / "argocd" / "schemas")
Object = dict[str, Any]
Finding = tuple[str, str]

# For each object it lists and reads the same files again.
for function in (utils.all_versions, utils.schema_contents):
    setattr(utils, function.__name__, cache(function))


def name_of(one: Object) -> str:
    """Return how an object is called in a finding."""
    return f"{one.get('kind')}/{one.get('metadata', {}).get('name')}"


@cache
def custom_schemas() -> dict[tuple[str, str], Any]:
    """Return the validators of other projects' kinds, by apiVersion and kind; the schemas are our own."""
    found = {}
    for file in [file for folder in SCHEMAS for file in sorted(folder.glob("*.json"))]:
        schema = json.loads(file.read_text("utf-8"))
        names = schema["properties"]
        found[names["apiVersion"]["const"], names["kind"]["const"]] = jsonschema.Draft202012Validator(schema)
    return found


def against_schemas(objects: Iterable[Object], version: str) -> Iterator[Finding]:
    """Yield what is wrong with objects by the schema of their kind, in this version of Kubernetes."""
    for one in objects:
        for wrong in _against_schema(json.dumps(one), version):
            told = "it is not as its schema wants it" if one.get("kind") == "Secret" else wrong  # which names values
            yield "schema", f"{name_of(one)}: {told}"


@cache  # most objects of several trees are the same
def _against_schema(text: str, version: str) -> list[str]:
    one = json.loads(text)
    if custom := custom_schemas().get((one.get("apiVersion", ""), one.get("kind", ""))):
        wrong = [f"{error.json_path}: {error.message[:300]}" for error in custom.iter_errors(one)]
        return wrong or (_against_core(_as_deployment(one), version) if one["kind"] == "Rollout" else [])
    return _against_core(one, version)


def _as_deployment(rollout: Object) -> Object:
    """Return a Deployment of the same pods: Kubernetes has a schema of these."""
    spec = {name: value for name, value in rollout["spec"].items() if name in {"selector", "template"}}
    return {**rollout, "apiVersion": "apps/v1", "kind": "Deployment", "spec": spec}


def _against_core(one: Object, version: str) -> list[str]:
    try:
        kubernetes_validate.validate(one, version, strict=True)
    except kubernetes_validate.ValidationError as error:
        return [f"{'.'.join(map(str, error.path))}: {error.message[:300]}"]
    except (kubernetes_validate.SchemaNotFoundError, utils.VersionNotSupportedError):
        return [f"there is no schema of {one.get('apiVersion')} in Kubernetes {version}"]
    return []


def policies(folder: Path) -> list[str]:
    """Return the names of the policies of a folder."""
    return sorted(file.stem for file in folder.glob("*.rego") if file.stem != "lib")


@cache
def _policy(folder: Path, name: str) -> OpaEval:
    """Return a policy that can be evaluated.

    This evaluator reads one file. So what the policies share (`data.lib`, as OPA itself finds it) is put behind each.
    """
    own, shared = (file.read_text("utf-8") for file in (folder / f"{name}.rego", HERE / "policies" / "lib.rego"))
    rules = shared.partition("import rego.v1\n")[2]
    text = own + re.sub(r"^(?=[a-z])", "lib_", rules, flags=re.MULTILINE)
    with NamedTemporaryFile("w", suffix=".rego") as file:
        file.write(text.replace("data.lib.", "lib_"))
        file.flush()
        return OpaEval(file.name, query=f"data.{name}.deny")


def against_policies(objects: list[Object], folder: Path) -> Iterator[Finding]:
    """Yield what the policies of a folder refuse in a tree of objects."""
    tree = json.dumps({"objects": objects})
    for name in policies(folder):
        try:
            reasons = _policy(folder, name).evaluate_parsed(tree)
        except RuntimeError as error:  # it meets a value of a kind that it does not expect
            reasons = [str(error)]
        for reason in sorted(reasons):
            yield name, reason


def check(objects: list[Object], version: str, folder: Path | None) -> list[Finding]:
    """Return everything that is wrong with a tree of objects."""
    return [*against_schemas(objects, version), *(against_policies(objects, folder) if folder else ())]


def _own(name: str, folder: Path | None) -> Path | None:
    own, between, _ = name.partition("|")
    if not between:
        return folder
    return None if own == "none" else Path(own)


def main() -> None:
    """Check standard input; end with status 1 if anything is wrong."""
    parser = argparse.ArgumentParser()
    parser.add_argument("version")
    parser.add_argument("--each", action="store_true")
    parser.add_argument("--policies", default=str(HERE / "policies"))
    given = parser.parse_args()
    version, folder = given.version, None if given.policies == "none" else Path(given.policies)
    if folder and not policies(folder):
        sys.exit(f"there is no policy in {folder}; expected files *.rego, or the word none")
    if given.each:
        found = {name: check(tree, version, _own(name, folder)) for name, tree in json.load(sys.stdin).items()}
        json.dump(found, sys.stdout)
        return
    objects = [one for one in yaml.safe_load_all(sys.stdin) if one]
    found = check(objects, version, folder)
    sys.stdout.writelines(f"{rule}: {what}\n" for rule, what in found)
    if found or not objects:
        sys.exit(f"{len(objects)} objects, {len(found)} findings; expected objects, and no finding")
    count = len(policies(folder)) if folder else 0
    sys.stdout.write(f"{len(objects)} objects are as Kubernetes {version} and {count} policies want them\n")


if __name__ == "__main__":
    main()
