"""Finders of things that run (machines, containers, functions) and of things that start them."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from marketday.provisioners.sweep import advice
from marketday.provisioners.sweep.finder import Ask, Finder

SERVICES = ("gate", "store", "worker")
_ec2 = partial(Finder, service="ec2", tags="Tags")
_MACHINES = (
    _ec2(
        "instance",
        call="DescribeInstances",
        items="Reservations.Instances",
        id="InstanceId",
        type="ec2:instance/",
        inside=("VpcId",),
        state="State.Name",
        gone=("terminated",),
        going=("shutting-down",),
    ),
    _ec2(
        "spot request",
        call="DescribeSpotInstanceRequests",
        items="SpotInstanceRequests",
        id="SpotInstanceRequestId",
        type="ec2:spot-instances-request/",
        state="State",
        gone=("cancelled", "closed", "failed"),
    ),
    _ec2(
        "volume",
        call="DescribeVolumes",
        items="Volumes",
        id="VolumeId",
        type="ec2:volume/",
        inside=("Attachments.InstanceId",),
        state="State",
        gone=("deleted",),
    ),
    _ec2(
        "EBS snapshot",
        call="DescribeSnapshots",
        items="Snapshots",
        id="SnapshotId",
        type="ec2:snapshot/",
        names=("Description",),
        inside=("VolumeId",),
        arguments={"OwnerIds": ["self"]},
    ),
    _ec2(
        "machine image",
        call="DescribeImages",
        items="Images",
        id="ImageId",
        type="ec2:image/",
        names=("Name", "Description"),
        arguments={"Owners": ["self"]},
    ),
    _ec2(
        "launch template",
        call="DescribeLaunchTemplates",
        items="LaunchTemplates",
        id="LaunchTemplateId",
        type="ec2:launch-template/",
        names=("LaunchTemplateName",),
    ),
    _ec2(
        "key pair",
        call="DescribeKeyPairs",
        items="KeyPairs",
        id="KeyPairId",
        type="ec2:key-pair/",
        names=("KeyName",),
    ),
    Finder(
        "auto scaling group",
        "autoscaling",
        "DescribeAutoScalingGroups",
        "AutoScalingGroups",
        id="AutoScalingGroupName",
        arn="AutoScalingGroupARN",
        type="autoscaling:autoScalingGroup:",
        tags="Tags",
    ),
)


def _cluster_of(service: str) -> str:
    """Return the cluster's name from a service's ARN, which ends with `service/cluster/name`."""
    return service.split("/")[-2]


def _services_of(cluster: Mapping[str, Any]) -> list[str]:
    """Return the names of an environment's services (infra/terraform/event/services.tf), if it is one's cluster."""
    return [f"{cluster['clusterName']}-{service}" for service in SERVICES]


# ECS still lists clusters and services for a while after they are gone; only a description shows that they are.
_clusters = Finder(
    "ECS cluster",
    "ecs",
    "ListClusters",
    "clusterArns",
    id="clusterArn",
    type="ecs:cluster/",
    describe=Ask("DescribeClusters", {"clusters[]": ""}, "clusters", {"include": ["TAGS"]}),
    tags="tags",
    state="status",
    gone=("INACTIVE",),
)
_definition = partial(
    Finder, kind="task definition", service="ecs", call="ListTaskDefinitions", items="taskDefinitionArns"
)
_tags = Ask("ListTagsForResource", {"resourceArn": ""}, "tags")
_CONTAINERS = (
    _clusters,
    Finder(
        "ECS service",
        "ecs",
        "ListServices",
        "serviceArns",
        id="serviceArn",
        type="ecs:service/",
        each=(_clusters, {"cluster": "clusterArn"}),
        describe=Ask("DescribeServices", {"cluster": _cluster_of, "services[]": ""}, "services", {"include": ["TAGS"]}),
        tags="tags",
        state="status",
        gone=("INACTIVE",),
    ),
    # A service that is being deleted is in no list until it has ended; only a description by its name shows it.
    Finder(
        "ECS service",
        "ecs",
        "DescribeServices",
        "services",
        id="serviceArn",
        type="ecs:service/",
        each=(_clusters, {"cluster": "clusterArn", "services": _services_of}),
        arguments={"include": ["TAGS"]},
        tags="tags",
        state="status",
        gone=("ACTIVE", "INACTIVE"),
        advice=advice.of_service,
    ),
    Finder(
        "ECS task",
        "ecs",
        "ListTasks",
        "taskArns",
        type="ecs:task/",
        each=(_clusters, {"cluster": "clusterArn"}),
        ask_tags=_tags,
    ),
    _definition(arguments={"status": "ACTIVE"}, type="ecs:task-definition/", ask_tags=_tags),
    # Destroying deregisters a revision, and only then can it be deleted; it costs nothing, and nothing runs from it.
    _definition(
        arguments={"status": "INACTIVE"},
        type="ecs:task-definition/",
        note="deregistered, costs nothing",
        blocks=False,
    ),
    _definition(
        arguments={"status": "DELETE_IN_PROGRESS"},
        type="ecs:task-definition/",
        note="in deletion, costs nothing",
        blocks=False,
    ),
    *(
        Finder(
            "scaling target",
            "application-autoscaling",
            "DescribeScalableTargets",
            "ScalableTargets",
            id="ResourceId",
            arn="ScalableTargetARN",
            type="application-autoscaling:scalable-target/",
            arguments={"ServiceNamespace": namespace},
        )
        for namespace in ("ecs", "lambda", "rds")
    ),
)

_event_buses = Finder(
    "event bus",
    "events",
    "ListEventBuses",
    "EventBuses",
    id="Name",
    arn="Arn",
    type="events:event-bus/",
    ask_tags=Ask("ListTagsForResource", {"ResourceARN": "Arn"}, "Tags"),
)
_STARTED = (
    Finder(
        "function",
        "lambda",
        "ListFunctions",
        "Functions",
        id="FunctionName",
        arn="FunctionArn",
        type="lambda:function:",
        inside=("VpcConfig.VpcId",),
        ask_tags=Ask("ListTags", {"Resource": "FunctionArn"}, "Tags"),
    ),
    _event_buses,
    Finder(
        "event rule",
        "events",
        "ListRules",
        "Rules",
        id="Name",
        arn="Arn",
        type="events:rule/",
        names=("Description",),
        ask_tags=Ask("ListTagsForResource", {"ResourceARN": "Arn"}, "Tags"),
        each=(_event_buses, {"EventBusName": "Name"}),
    ),
    Finder(
        "schedule group",
        "scheduler",
        "ListScheduleGroups",
        "ScheduleGroups",
        id="Name",
        arn="Arn",
        type="scheduler:schedule-group/",
        ask_tags=Ask("ListTagsForResource", {"ResourceArn": "Arn"}, "Tags"),
    ),
    Finder(
        "schedule",
        "scheduler",
        "ListSchedules",
        "Schedules",
        id="Name",
        arn="Arn",
        type="scheduler:schedule/",
        names=("GroupName",),
    ),
    Finder(
        "CloudFormation stack",
        "cloudformation",
        "DescribeStacks",
        "Stacks",
        id="StackName",
        arn="StackId",
        type="cloudformation:stack/",
        tags="Tags",
        state="StackStatus",
        gone=("DELETE_COMPLETE",),
    ),
)

RUNNING = (*_MACHINES, *_CONTAINERS, *_STARTED)
