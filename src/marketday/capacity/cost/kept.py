"""What the prod plane has only because there are drops.

It is paid all year. An environment that is never removed would not need it: nobody would build, link and hand over.

The mall itself is not in a bill. So these are not read from a plan of the stack `prod`: nothing there says which of its
resources the mall needs anyway. Tests compare the numbers with the stack and with the manifests.
"""

from marketday.capacity.cost.model import PROD, Resource

ZONES = 3  # of prod (infra/terraform/prod, `zones`): an interface endpoint is paid for each
# Two controllers in two zones, each on a node of its own pool, because only that pool's subnets have a link's routes
# (infra/kubernetes/nodes). Its smallest type has two processors; the pods themselves ask for an eighth of it.
CONTROLLERS, CONTROLLER_NODE, CONTROLLER_DISK_GB = 2, "c6i.large", 30
SYSTEM_NODES, SYSTEM_NODE, SYSTEM_DISK_GB = 2, "t4g.medium", 30


def kept_in_prod(*, own_cluster: bool = False) -> list[Resource]:
    """Return what the prod plane keeps for drops; with `own_cluster` also a cluster that nothing else uses.

    The latter is for a mall that runs elsewhere: then control plane, system nodes and NAT gateways are only for drops.
    """
    endpoint = {"vpc_endpoint_type": "Interface", "zones": ZONES}
    node = {"instance_type": CONTROLLER_NODE, "disk_gb": CONTROLLER_DISK_GB}
    kept = [
        Resource(PROD, 'aws_vpc_endpoint.interface["secretsmanager"], for DMS', "aws_vpc_endpoint", endpoint),
        *(
            Resource(PROD, f"the controller's node {number}", "aws_instance", node)
            for number in range(1, CONTROLLERS + 1)
        ),
    ]
    if not own_cluster:
        return kept
    scaling = [{"desired_size": SYSTEM_NODES}]
    system = {"instance_types": [SYSTEM_NODE], "scaling_config": scaling, "disk_size": SYSTEM_DISK_GB}
    return [
        *kept,
        Resource(PROD, "aws_eks_cluster.this", "aws_eks_cluster", {}),
        Resource(PROD, "aws_eks_node_group.this", "aws_eks_node_group", system),
        *(Resource(PROD, f"aws_nat_gateway.this[{zone}]", "aws_nat_gateway", {}) for zone in range(ZONES)),
        *(Resource(PROD, f"aws_eip.nat[{zone}]", "aws_eip", {}) for zone in range(ZONES)),
    ]
