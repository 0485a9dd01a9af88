"""What a plan would make again although it exists, and the import blocks that take it over. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from marketday.provisioners.recovery.errors import RecoveryError
from marketday.provisioners.recovery.looks import LOOKS, REPLACED, ImportLook
from marketday.provisioners.recovery.model import RecoverySite
from marketday.provisioners.sweep.finder import HOME, dig, first

STACK_TAG = "marketday:stack"
# The provider of these is that of the region which gets the copies.
_COPIES = ("module.registry_replica.", "module.evidence_copy", "aws_kms_key.recovery", "aws_kms_alias.recovery")


@dataclass(frozen=True, slots=True)
class NewThing:
    """A resource that a plan would create: its address, its type, and the attributes that are known before."""

    address: str
    type: str
    known: Mapping[str, Any]


def new_things(plan: Mapping[str, Any], account: str) -> list[NewThing]:
    """Return what a plan, as `terraform show -json` prints it, would create and may exist already."""
    found = []
    for each in plan.get("resource_changes", ()):
        after = each["change"].get("after") or {}
        if tuple(each["change"]["actions"]) != ("create",) or each.get("type") not in LOOKS:
            continue
        known = {name: value for name, value in after.items() if isinstance(value, str | int | list) and value != ""}
        tags = after.get("tags_all") or {}
        known |= {name: tags[name] for name in ("Name", STACK_TAG) if tags.get(name)} | {"account": account}
        wide = known.get("destination_cidr_block") or known.get("destination_ipv6_cidr_block")
        known |= {"destination": wide} if wide else {}
        if known.get("Name") and known.get(STACK_TAG):
            known["@tags"] = [
                {"Name": "tag:Name", "Values": [known["Name"]]},
                {"Name": f"tag:{STACK_TAG}", "Values": [known[STACK_TAG]]},
            ]
        found.append(NewThing(each["address"], each["type"], known))
    return found


def region_of(each: NewThing, site: RecoverySite) -> str:
    """Return the region in which the provider of a resource works."""
    if each.address.startswith(_COPIES):
        return site.copies_to
    edge = each.address.startswith("module.edge.aws_acm_certificate.edge")
    return HOME if edge or LOOKS[each.type].at_home else site.here


def asked(look: ImportLook, each: NewThing) -> dict[str, Any] | None:
    """Return the arguments of the call; None if the plan does not know them yet, because what it is in is new too."""
    given = {key: each.known.get(attribute) for key, attribute in look.arguments.items()}
    if any(value is None for value in (*given.values(), *(each.known.get(name) for name in look.match.values()))):
        return None
    named = {key.removesuffix("[]"): [value] if key.endswith("[]") else value for key, value in given.items()}
    return {**named, **look.fixed}


def found_id(look: ImportLook, each: NewThing, answer: Mapping[str, Any]) -> str | None:
    """Return the id for an import of what `answer` shows; None if it is not there.

    Raises:
        RecoveryError: there is more than one, so that a person has to choose.

    """
    items = [
        item
        for item in dig(answer, look.items)
        if item
        and all(str(first(item, path)) == str(each.known[name]) for path, name in look.match.items())
        and (look.among is None or look.among(item, each.known))
    ]
    ids = sorted({_filled(look.id, item, each.known) for item in items})
    if len(ids) > 1:
        raise RecoveryError(
            f"{each.address}: {', '.join(ids)} are all what it would be; expected one: remove the others, or import "
            "the right one by hand"
        )
    return ids[0] if ids else None


def _filled(pattern: str, item: Any, known: Mapping[str, Any]) -> str:
    text = pattern
    for name in [part.partition("}")[0] for part in pattern.split("{")[1:]]:
        value = (first(item, name) if isinstance(item, Mapping) or not name else None) or known.get(name)
        if value is None:
            raise RecoveryError(f"{name} is missing in AWS's answer {item!r}; expected it, to take the thing over")
        text = text.replace(f"{{{name}}}", str(value))
    return text.removeprefix("/hostedzone/")


def blocks(imports: Mapping[str, str]) -> str:
    """Return Terraform's import blocks for ids by their addresses."""
    return "".join(f'import {{\n  to = {to}\n  id = "{id_}"\n}}\n\n' for to, id_ in sorted(imports.items()))


def removed(plan: Mapping[str, Any]) -> Sequence[str]:
    """Return the addresses of what a plan would remove or replace. Nothing may go while a region is recovered."""
    return [
        each["address"]
        for each in plan.get("resource_changes", ())
        if "delete" in each["change"]["actions"] and each.get("mode") == "managed" and each["type"] not in REPLACED
    ]
