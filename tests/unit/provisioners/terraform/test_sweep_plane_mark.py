import pytest

from marketday.provisioners.sweep.model import Thing
from marketday.provisioners.sweep.plane_mark import PlaneMark

ALL, IN_CLUSTER = PlaneMark("marketday-prod"), PlaneMark("marketday-prod", made_in_cluster=True)


def thing(name="x", **fields):
    return Thing(fields.pop("kind", "kind"), "ap-northeast-2", name, **fields)


@pytest.mark.parametrize(
    "name",
    [
        "marketday-prod",
        "/aws/eks/marketday-prod/cluster",
        "alias/marketday-prod",
        "Amazon EKS marketday-prod",
        "marketday_prod",
    ],
)
def test_a_name_that_has_the_planes_as_a_word_is_its_own(name):
    assert ALL.why(thing(name)) == "by its name"
    assert ALL.why(thing("id-1", names=[name])) == f"named {name}"
    assert ALL.why(thing("id-1", tags={"Name": name})) == f"named {name}"
    assert IN_CLUSTER.why(thing(name)) is None


@pytest.mark.parametrize("name", ["marketday-production", "old-marketday-prod", "marketday", "xmarketday-prod", ""])
def test_a_name_that_only_looks_alike_is_not(name):
    assert ALL.why(thing(name)) is None


@pytest.mark.parametrize(
    ("tags", "why"),
    [
        ({"marketday:stack": "prod", "marketday:plane": "marketday-prod"}, "tagged marketday:plane"),
        ({"kubernetes.io/cluster/marketday-prod": "owned"}, "tagged kubernetes.io/cluster/marketday-prod"),
        ({"elbv2.k8s.aws/cluster": "marketday-prod"}, "tagged elbv2.k8s.aws/cluster=marketday-prod"),
        ({"elbv2.k8s.aws/cluster": "marketday-prod-2"}, None),
        ({"kubernetes.io/cluster/marketday-prod-2": "owned"}, None),
        ({"marketday:plane": "marketday-prod-2", "Name": "marketday-prod-2-app"}, None),
        ({"marketday:stack": "permanent", "Name": "marketday-prod"}, None),
        ({"marketday:environment": "1", "eks:cluster-name": "marketday-prod"}, None),
    ],
)
def test_tags_decide_before_names(tags, why):
    assert ALL.why(thing("marketday-prod-2" if why is None else "x", tags=tags)) == why


def test_made_in_the_cluster_is_what_nobody_removes_after_it():
    owned = {"kubernetes.io/cluster/marketday-prod": "owned"}
    why = "tagged kubernetes.io/cluster/marketday-prod"
    # infra/kubernetes/nodes gives what Karpenter starts the tag of a stack.
    node = {**owned, "karpenter.sh/nodepool": "services", "marketday:stack": "prod"}
    assert IN_CLUSTER.why(thing("i-1", kind="instance", tags=node)) == why
    assert IN_CLUSTER.why(thing("i-1", kind="instance", tags={**node, "marketday:stack": "staging"})) == why
    assert IN_CLUSTER.why(thing("eni-1", kind="network interface", tags=owned, detail="available")) == why
    assert IN_CLUSTER.why(thing("eni-2", kind="network interface", tags=owned, detail="in-use")) is None
    assert IN_CLUSTER.why(thing("i-2", kind="instance", tags={**owned, "eks:nodegroup-name": "system"})) is None
    assert IN_CLUSTER.why(thing("sg-1", tags={**owned, "aws:eks:cluster-name": "marketday-prod"})) is None
    assert IN_CLUSTER.why(thing("sg-2", tags={**owned, "marketday:plane": "marketday-prod"})) is None
