"""The manifests as kustomize renders them, and what the checks find in them and in changed copies."""

import copy
import json
import re
import subprocess
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[2]
HERE = ROOT / "infra" / "kubernetes"
TOOLS = ROOT / ".venv-manifests" / "bin"
OVERLAYS = ("prod", "staging")
VERSION = re.search(r"^KUBERNETES := (\S+)", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)[1]
GONE = object()


def render(folder):
    """The objects of a kustomization."""
    done = subprocess.run([TOOLS / "kubectl", "kustomize", folder], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return [one for one in yaml.load_all(done.stdout, yaml.CSafeLoader) if one]


def check(trees):
    """What the checks find in each of several trees of objects: [rule, what] each."""
    command = [TOOLS / "python", HERE / "check.py", VERSION, "--each"]
    done = subprocess.run(command, input=json.dumps(trees), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def find(objects, name):
    """The object called `Kind/name`. A generated name is found by its beginning."""
    kind, _, wanted = name.partition("/")
    (one,) = (
        each
        for each in objects
        if each["kind"] == kind and re.fullmatch(rf"{wanted}(-[a-z0-9]{{10}})?", each["metadata"]["name"])
    )
    return one


def changed(objects, *changes):
    """A copy of a tree in which (object, path, value) are put; GONE removes what is there, path "" the whole object."""
    tree = copy.deepcopy(objects)
    for name, path, value in changes:
        if name is None:
            tree.append(value)
        elif not path:
            tree.remove(find(tree, name))
        else:
            put(find(tree, name), path, value)
    return tree


def put(one, path, value):
    *before, last = (int(part) if part.isdigit() else part for part in path.split("|"))
    for part in before:
        one = one.setdefault(part, {}) if isinstance(one, dict) else one[part]
    if value is GONE:
        del one[last]
    elif isinstance(one, list) and last == len(one):
        one.append(value)
    else:
        one[last] = value
