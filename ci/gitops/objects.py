"""Objects of Kubernetes as text: read as Argo CD does, with limits; written the same each time; secrets hidden."""

import json
import re
from collections.abc import Iterator
from typing import Any

import yaml
from ci.stage import Stopped

Object = dict[str, Any]
Key = tuple[str, str, str, str]  # group, kind, namespace, name

MOST_CHARACTERS = 32 * 1024 * 1024  # of one source
MOST_NODES = 2_000_000  # of one source, after aliases were followed
MOST_DEPTH = 100
HIDDEN = "(hidden)"
# As infra/kubernetes/policies/secrets.rego has it.
CREDENTIAL = re.compile(
    r"(?i)(://[^/\s:@]+:[^/\s@]+@|-----BEGIN [A-Z ]*PRIVATE KEY[^\n]*|\"(d|k)\"\s*:\s*\"[^\"]+"
    r"|\b(AKIA|ASIA)[A-Z0-9]{16}\b|hooks\.slack\.com/services/\S+|\bxox[abp]-\S+|\bgh[ps]_\w{20,})"
)
FREE = {"data", "valuesObject", "values", "parameters", "env"}  # below these people choose the names
REFERENCE = re.compile(r"\$[\w:.-]+|\{\{.*\}\}|/[\w./-]+")  # names where a secret is: $slack-token, a template, a path
LINE = re.compile(
    r"(?im)^([ \t]*[\w.-]*(?:password|passwd|secret|token|credential|private.?key|api.?key)s?[ \t]*[:=][ \t]*)"
    r"(?!\$|\{\{|/)\S.*$"
)
NAMED_SECRET = re.compile(r"(?i)(password|passwd|secret|token|credential|private.?key|api.?key)s?$")


class Refused(Stopped):
    """Something of an Application that is not rendered; the text says why."""


class TooLarge(Refused):
    """YAML that is more than it looks."""


class _Loader(yaml.CSafeLoader):
    """Values as Go reads them: a date and `1:30` are texts, `1e3` is a number; the same key twice is refused."""


def _resolvers() -> dict[str, list[tuple[str, re.Pattern[str]]]]:
    kept: dict[str, list[tuple[str, re.Pattern[str]]]] = {}
    for first, rules in yaml.CSafeLoader.yaml_implicit_resolvers.items():
        left = [rule for rule in rules if rule[0].rpartition(":")[2] not in {"timestamp", "int", "float"}]
        kept[first] = left
    integer = re.compile(r"[-+]?(0b[01_]+|0o?[0-7_]+|0|[1-9][0-9_]*|0x[0-9a-fA-F_]+)$")
    number = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$|[-+]?\.(inf|Inf|INF)$|\.(nan|NaN|NAN)$")
    for first in "-+0123456789.":
        kept.setdefault(first, [])
        kept[first] += [("tag:yaml.org,2002:int", integer), ("tag:yaml.org,2002:float", number)]
    return kept


_Loader.yaml_implicit_resolvers = _resolvers()


def _number(loader: yaml.CSafeLoader, node: yaml.ScalarNode) -> int:
    text = str(loader.construct_scalar(node)).replace("_", "")
    sign, digits = (-1 if text.startswith("-") else 1), text.lstrip("+-")
    if re.fullmatch(r"0[0-7]+", digits):  # as YAML 1.1 has it, and modes of files are written
        return sign * int(digits, 8)
    return sign * int(digits, 0)


def _fraction(loader: yaml.CSafeLoader, node: yaml.ScalarNode) -> float:
    text = str(loader.construct_scalar(node)).lower()
    return float(text.replace(".inf", "inf").replace(".nan", "nan"))


def _mapping(loader: yaml.CSafeLoader, node: yaml.MappingNode) -> Iterator[dict[str, Any]]:
    keys = [key.value for key, _ in node.value if key.tag != "tag:yaml.org,2002:merge"]
    twice = sorted({str(key) for key in keys if keys.count(key) > 1}) if len(set(map(str, keys))) < len(keys) else []
    if twice:
        raise yaml.constructor.ConstructorError(None, None, f"the key {twice[0]!r} is there twice", node.start_mark)
    found: dict[str, Any] = {}
    yield found
    loader.flatten_mapping(node)
    for key, value in loader.construct_mapping(node, deep=True).items():
        found[key if isinstance(key, str) else json.dumps(key)] = value


_Loader.add_constructor("tag:yaml.org,2002:int", _number)
_Loader.add_constructor("tag:yaml.org,2002:float", _fraction)
_Loader.add_constructor("tag:yaml.org,2002:map", _mapping)


class _Dumper(yaml.CSafeDumper):
    """Quotes each text that a reader of YAML could take for something else; names nothing twice."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002 - the name is PyYAML's
        return True


_Dumper.yaml_implicit_resolvers = {
    first: [
        *yaml.CSafeDumper.yaml_implicit_resolvers.get(first, []),
        *_Loader.yaml_implicit_resolvers.get(first, []),
    ]
    for first in {*yaml.CSafeDumper.yaml_implicit_resolvers, *_Loader.yaml_implicit_resolvers}
}


def _nodes(value: Any, known: dict[int, int], depth: int = 0) -> int:
    """Return how many values there are, if each alias is followed; a shared part is looked at once."""
    if not isinstance(value, dict | list):
        return 1
    if depth > MOST_DEPTH:
        raise TooLarge(f"YAML is nested deeper than {MOST_DEPTH} levels")
    if id(value) not in known:
        known[id(value)] = MOST_NODES  # an alias of itself has no end
        members = value.values() if isinstance(value, dict) else value
        known[id(value)] = 1 + sum(_nodes(each, known, depth + 1) for each in members)
    return known[id(value)]


def documents(text: str, where: str) -> list[Any]:
    """Return the documents of a text; refuse what is too large, is not YAML, or has a key twice."""
    if len(text) > MOST_CHARACTERS:
        raise TooLarge(f"{where} has {len(text)} characters; expected at most {MOST_CHARACTERS}")
    try:
        found = [each for each in yaml.load_all(text, _Loader) if each is not None]
        if sum(_nodes(each, {}) for each in found) > MOST_NODES:
            raise TooLarge(f"{where} has more than {MOST_NODES} values, counted with its aliases")
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        told = CREDENTIAL.sub(HIDDEN, " ".join(str(error).split()))[:300]
        raise Refused(f"{where} is not YAML that can be read: {told}") from None
    return found


def not_too_large(text: str, where: str) -> None:
    """Refuse YAML that is too large for a program that follows its aliases; what else is wrong, it will say."""
    try:
        documents(text, where)
    except TooLarge:
        raise
    except Refused:
        return


def objects_of(text: str, where: str) -> list[Object]:
    """Return the objects of a text; a List is what it has."""
    found: list[Object] = []
    for one in documents(text, where):
        if not isinstance(one, dict) or not one.get("kind") or not one.get("apiVersion"):
            raise Refused(f"{where} has a document without apiVersion and kind; expected objects of Kubernetes")
        if one["kind"].endswith("List") and isinstance(one.get("items"), list):
            found += [each for item in one["items"] for each in objects_of(json.dumps(item), f"a List in {where}")]
            continue
        meta = one.get("metadata")
        if not isinstance(meta, dict) or not (meta.get("name") or meta.get("generateName")):
            raise Refused(f"{where} has a {one['kind']} without a name")
        found.append(one)
    return found


def key_of(one: Object) -> Key:
    """Return what an object is known by."""
    group = one["apiVersion"].rpartition("/")[0]
    meta = one["metadata"]
    return group, one["kind"], str(meta.get("namespace", "")), str(meta.get("name") or f"{meta['generateName']}*")


def called(key: Key) -> str:
    """Return how people call an object."""
    _, kind, namespace, name = key
    return f"{kind}/{name}" + (f" in {namespace}" if namespace else "")


def dump(one: Any) -> str:
    """Return an object as YAML, the same each time."""
    options = {"sort_keys": True, "allow_unicode": True, "width": 4096, "default_flow_style": False}
    return str(yaml.dump(one, Dumper=_Dumper, **options))


def shown(one: Object, other: Object | None = None) -> Object:
    """Return an object as a reviewer may see it: no value of a Secret, nothing that looks like a credential.

    With the object's other version, a hidden value that differs from it says so.
    """
    if one["kind"] == "Secret":
        return _secret(one, other)
    return dict(_hide(one, other or {}))


def _secret(one: Object, other: Object | None) -> Object:
    told = dict(_hide({key: value for key, value in one.items() if key not in {"data", "stringData"}}, other or {}))
    meta = told["metadata"] = dict(told["metadata"])
    if "annotations" in meta:  # one of them may be a copy of the whole
        before = ((other or {}).get("metadata") or {}).get("annotations") or {}
        meta["annotations"] = {
            name: value if name.startswith("argocd.argoproj.io/") else _mask(value, before.get(name), other)
            for name, value in one["metadata"]["annotations"].items()
        }
    for part in {"data", "stringData"} & set(one):
        before = (other or {}).get(part)
        told[part] = {
            name: _mask(value, before.get(name) if isinstance(before, dict) else None, other)
            for name, value in (one[part] or {}).items()
        }
    return told


def _mask(value: Any, before: Any, other: Any) -> str:
    return "(hidden, and it differs)" if other and before != value else HIDDEN


def _hide(value: Any, other: Any, name: str = "", *, free: bool = False) -> Any:
    """Return a value with what looks like a credential hidden; `free` is where people choose the names themselves."""
    if isinstance(value, dict):
        # {name: DATABASE_PASSWORD, value: ...}: a variable of a container, a parameter of a chart
        pair = str(value.get("name", "")) if "value" in value else ""
        before = other if isinstance(other, dict) else {}
        return {
            key: _hide(
                each,
                before.get(key),
                pair if key == "value" and pair else str(key),
                free=free or bool(pair) or key in FREE,
            )
            for key, each in value.items()
        }
    if isinstance(value, list):
        before = other if isinstance(other, list) else []
        return [_hide(each, before[at] if at < len(before) else None, "", free=free) for at, each in enumerate(value)]
    if (
        free
        and NAMED_SECRET.search(name)
        and value not in ("", None, True, False)
        and not REFERENCE.fullmatch(str(value))
    ):
        return _mask(value, other, other)
    if not isinstance(value, str):
        return value
    return CREDENTIAL.sub(HIDDEN, LINE.sub(rf"\1{HIDDEN}", value) if "\n" in value else value)
