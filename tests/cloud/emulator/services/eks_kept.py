"""What an EKS cluster has beside what moto keeps: entries, add-ons, associations, updates; and the routes to them."""

from typing import Any

from moto.core.responses import ActionResult
from moto.core.utils import utcnow
from moto.eks import urls
from moto.eks.exceptions import ResourceInUseException, ResourceNotFoundException
from moto.eks.responses import EKSResponse
from moto.moto_api._internal import mock_random

from emulator.patching import notes

_OF_A_CLUSTER = (
    "access-entries",
    "access-entries/(?P<a>.+)",
    "addons",
    "addons/(?P<a>.+)",
    "pod-identity-associations",
    "pod-identity-associations/(?P<a>[^/]+)",
    "updates",
    "updates/(?P<a>[^/]+)",
    "node-groups/(?P<nodegroupName>[^/]+)/update-version",
)
# moto reads these before its first request, and takes the operation from botocore's model.
for _path in _OF_A_CLUSTER:
    urls.url_paths[f"{{0}}/clusters/(?P<name>[^/]+)/{_path}$"] = urls.response.dispatch

Record = dict[str, Any]
ENTRY, ADDON, ASSOCIATION, UPDATE = "access entry", "add-on", "association", "update"
KINDS = (ENTRY, ADDON, ASSOCIATION, UPDATE)


def cluster_of(response: EKSResponse) -> Any:
    """Return the cluster that a request is about."""
    return response.eks_backend.describe_cluster(response._get_param("name"))


def kept(response: EKSResponse, kind: str) -> dict[str, Record]:
    """Return the records of one kind of that cluster."""
    found: dict[str, Record] = notes(response.eks_backend, kind).setdefault(cluster_of(response).name, {})
    return found


def one(response: EKSResponse, kind: str, key: str) -> Record:
    """Return the record with this key; raises the same error as EKS if there is none."""
    if key not in kept(response, kind):
        raise ResourceNotFoundException(message=f"No {kind} found for {key} in {cluster_of(response).name}.")
    return kept(response, kind)[key]


def new(response: EKSResponse, kind: str, key: str, fields: Record) -> Record:
    """Keep a record; raise what EKS raises where there is one already."""
    if key in kept(response, kind):
        raise ResourceInUseException(message=f"The specified {kind} {key} is already in use on this cluster.")
    made = {
        "clusterName": cluster_of(response).name,
        "createdAt": utcnow(),
        "modifiedAt": utcnow(),
        "tags": response._get_param("tags") or {},
        **fields,
    }
    kept(response, kind)[key] = made
    return made


def asked(response: EKSResponse, *names: str) -> Record:
    """Return those of the named parameters that the request has."""
    return {name: value for name in names if (value := response._get_param(name)) is not None}


def arn_in(response: EKSResponse, kind: str, *rest: str) -> str:
    """Return the ARN of something in the cluster."""
    place = "/".join((kind, cluster_of(response).name, *rest))
    return f"arn:aws:eks:{response.region}:{response.current_account}:{place}"


def updated(response: EKSResponse, kind: str) -> ActionResult:
    """Answer as EKS answers to a change: with an update, for which the provider asks again."""
    update = {"id": str(mock_random.uuid4()), "status": "Successful", "type": kind, "params": [], "errors": []}
    return ActionResult({"update": new(response, UPDATE, str(update["id"]), update)})
