"""Admission: what the cluster's own check of signatures will say of a delivery, told before it is released.

policy-controller admits an image only if a ClusterImagePolicy is for it and has the key that signed it. If the policy
that is delivered has another key or registry than the pipeline, the cluster would refuse every new pod.
"""

import re
from collections.abc import Iterator, Mapping

from ci.gitops.objects import Key, Object
from ci.gitops.tree import Rendered
from ci.gitops.verdict import Finding
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

SERVICES = "marketday"  # the project whose images are ours
KIND = ("policy.sigstore.dev", "ClusterImagePolicy")


def refused(all_: Mapping[str, Rendered], key: ec.EllipticCurvePublicKey) -> Iterator[Finding]:
    """Yield what the cluster of each Argo CD would refuse; `key` is the one whose signatures the pipeline checks."""
    services = {
        name: each
        for name, each in sorted(all_.items())
        if each.objects and each.application and each.application.project == SERVICES
    }
    for name, each in services.items():
        policies = dict(_policies(all_, name.partition("/")[0]))
        if not policies:
            yield Finding(name, "admission", "there is no ClusterImagePolicy, so the cluster refuses every image of it")
            continue
        for (where, _), policy in policies.items():
            if not all(_is_key(authority, key) for authority in policy["spec"]["authorities"]):
                what = "its key is not the one in DELIVERY_PUBLIC_KEY, so the cluster refuses what the pipeline signs"
                yield Finding(where, "admission", f"{what}: put it into signing_key of argocd's account.yaml")
        globs = [image["glob"] for policy in policies.values() for image in policy["spec"]["images"]]
        for image in sorted(set(_images(each))):
            if not any(matches(glob, image) for glob in globs):
                yield Finding(name, "admission", f"no ClusterImagePolicy is for {image}; they are for {globs}")


def _policies(all_: Mapping[str, Rendered], argo: str) -> Iterator[tuple[tuple[str, Key], Object]]:
    for name, each in all_.items():
        for known, one in each.objects.items():
            if name.partition("/")[0] == argo and known[:2] == KIND:
                yield (name, known), one


def matches(glob: str, image: str) -> bool:
    """Whether a policy is for an image: `*` is anything but a slash, `**` anything."""
    parts = re.split(r"(\*\*?)", glob)
    signs = {"*": "[^/]*", "**": ".*"}
    return re.fullmatch("".join(signs.get(part, re.escape(part)) for part in parts), image) is not None


def _is_key(authority: Object, key: ec.EllipticCurvePublicKey) -> bool:
    try:
        found = serialization.load_pem_public_key(authority["key"]["data"].encode())
    except (KeyError, ValueError, UnsupportedAlgorithm):
        return False
    return isinstance(found, ec.EllipticCurvePublicKey) and found.public_numbers() == key.public_numbers()


def _images(rendered: Rendered) -> Iterator[str]:
    for one in rendered.objects.values():
        pod = ((one.get("spec") or {}).get("template") or {}).get("spec") or {}
        for part in ("initContainers", "containers"):
            for container in pod.get(part) or []:
                yield str(container.get("image"))
