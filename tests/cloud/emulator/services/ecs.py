"""ECS."""

from collections.abc import Iterator
from typing import Any

from moto.core.resource_tagging import TaggedResource
from moto.ecs.models import EC2ContainerServiceBackend
from moto.ecs.responses import EC2ContainerServiceResponse
from moto.iam.models import iam_backends

from emulator.patching import AwsError, around

# AWS answers with these as they were given; moto drops them, and the next plan would set them again.
ECHOED = {
    "capacityProviderStrategy": "capacity_provider_strategy",
    "enableExecuteCommand": "enable_execute_command",
    "healthCheckGracePeriodSeconds": "health_check_grace_period_seconds",
    "availabilityZoneRebalancing": "availability_zone_rebalancing",
    "deploymentConfiguration": "deployment_configuration",
    "enableECSManagedTags": "enable_ecs_managed_tags",
}


def _settle(response: Any, name: str) -> None:
    service = response.ecs_backend._get_service(response._get_param("cluster", "default"), name)
    for parameter, attribute in ECHOED.items():
        if (value := response._get_param(parameter)) is not None:
            setattr(service, attribute, value)
    if response._get_param("capacityProviderStrategy"):
        service.launch_type = None
    # In AWS a service gets its tasks to run sooner or later; here sooner.
    service.running_count, service.pending_count = service.desired_count, 0
    for deployment in service.deployments:
        deployment.update(runningCount=service.desired_count, pendingCount=0, rolloutState="COMPLETED")


@around(EC2ContainerServiceResponse)
def create_service(create: Any, self: Any) -> Any:
    answer = create(self)
    _settle(self, self._get_param("serviceName"))
    return answer


@around(EC2ContainerServiceResponse)
def update_service(update: Any, self: Any) -> Any:
    answer = update(self)
    _settle(self, self._get_param("service"))
    return answer


# A deleted cluster or service is INACTIVE: it can be described for a while, and is in no list. moto lists it for ever.
def _active(things: dict[str, Any]) -> list[Any]:
    return [thing for thing in things.values() if thing.status != "INACTIVE"]


@around(EC2ContainerServiceBackend)
def list_clusters(list_all: Any, self: Any) -> list[str]:
    return [cluster.arn for cluster in _active(self.clusters)]


@around(EC2ContainerServiceBackend)
def iter_tagged_resources(iterate: Any, self: Any) -> Iterator[TaggedResource]:
    listed = {cluster.arn for cluster in _active(self.clusters)}
    listed |= {service.physical_resource_id for service in _active(self.services)}
    for resource in iterate(self):
        if resource.resource_type not in {"ecs:cluster", "ecs:service"} or resource.arn in listed:
            yield resource


# A deleted service is DRAINING until ECS, with the service's role, has taken its tasks out of the load balancer.
# If that role is gone, it stays so. No list shows it, but a description by its name does.
def _role_is_gone(backend: Any, service: Any) -> bool:
    roles = iam_backends[backend.account_id][backend.partition].roles.values()
    return bool(service.role_arn) and service.role_arn not in {role.arn for role in roles}


@around(EC2ContainerServiceBackend)
def delete_service(delete: Any, self: Any, *args: Any, **kwargs: Any) -> Any:
    service = delete(self, *args, **kwargs)
    service.status = "DRAINING" if _role_is_gone(self, service) else "INACTIVE"
    return service


@around(EC2ContainerServiceBackend)
def describe_services(describe: Any, self: Any, *args: Any, **kwargs: Any) -> Any:
    found, missing = describe(self, *args, **kwargs)
    for service in found:
        if service.status == "DRAINING" and not _role_is_gone(self, service):
            service.status = "INACTIVE"
    return found, missing


@around(EC2ContainerServiceBackend)
def list_services(list_all: Any, self: Any, *args: Any, **kwargs: Any) -> list[str]:
    active = {service.arn for service in self.services.values() if service.status == "ACTIVE"}
    return [arn for arn in list_all(self, *args, **kwargs) if arn in active]


@around(EC2ContainerServiceBackend)
def delete_cluster(delete: Any, self: Any, cluster_str: str) -> Any:
    cluster = self._get_cluster(cluster_str)
    ours = [service for service in _active(self.services) if service.cluster_arn == cluster.arn]
    if any(service.status == "DRAINING" for service in ours):
        raise AwsError("ClusterContainsServicesException", "The Cluster cannot be deleted while Services are active.")
    return delete(self, cluster_str)
