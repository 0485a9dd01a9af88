"""ECS."""

from collections.abc import Iterator
from typing import Any

from moto.core.resource_tagging import TaggedResource
from moto.ecs.models import EC2ContainerServiceBackend
from moto.ecs.responses import EC2ContainerServiceResponse

from emulator.patching import around

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
