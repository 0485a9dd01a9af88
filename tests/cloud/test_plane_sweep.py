"""What others report as left over after an EKS cluster: planted, found, and a reason not to destroy the plane yet."""

import asyncio
from contextlib import asynccontextmanager
from types import SimpleNamespace

import pytest
from typer.testing import CliRunner

from marketday.cli import aws as command

from .test_sweep import sweep_of

PLANE, OTHER = "marketday-prod", "marketday-prod-two"


def owned(name):
    return {f"kubernetes.io/cluster/{name}": "owned"}


def tagged(kind, tags):
    return [{"ResourceType": kind, "Tags": [{"Key": key, "Value": value} for key, value in tags.items()]}]


def plant(account, name):
    """Plant what the controllers of a cluster leave; return what removes it, and the kinds and ids."""
    ec2, elb = account.client("ec2"), account.client("elbv2")
    subnets = [each["SubnetId"] for each in ec2.describe_subnets()["Subnets"]][:2]
    node = {**owned(name), "karpenter.sh/nodepool": "services", "eks:eks-cluster-name": name, "marketday:stack": "prod"}
    template = ec2.create_launch_template(
        LaunchTemplateName=f"karpenter.k8s.aws/{len(name)}",
        LaunchTemplateData={"InstanceType": "t4g.small"},
        TagSpecifications=tagged("launch-template", {**owned(name), "karpenter.k8s.aws/cluster": name}),
    )["LaunchTemplate"]["LaunchTemplateId"]
    image = ec2.register_image(Name=f"image-{len(name)}", RootDeviceName="/dev/sda1")["ImageId"]
    [instance] = ec2.run_instances(
        ImageId=image, MinCount=1, MaxCount=1, TagSpecifications=tagged("instance", node), SubnetId=subnets[0]
    )["Instances"]
    interface = ec2.create_network_interface(
        SubnetId=subnets[0],
        Description="aws-K8S-i-0123456789abcdef0",
        TagSpecifications=tagged("network-interface", {"cluster.k8s.amazonaws.com/name": name}),
    )["NetworkInterface"]["NetworkInterfaceId"]
    by_controller = [{"Key": "elbv2.k8s.aws/cluster", "Value": name}]
    balancer = elb.create_load_balancer(Name=f"k8s-mall-{len(name)}", Subnets=subnets, Tags=by_controller)
    balancer = balancer["LoadBalancers"][0]
    target = elb.create_target_group(
        Name=f"k8s-target-{len(name)}", Protocol="HTTP", Port=80, VpcId=balancer["VpcId"], Tags=by_controller
    )["TargetGroups"][0]
    ids = {
        ("instance", instance["InstanceId"]),
        ("launch template", template),
        ("load balancer", balancer["LoadBalancerName"]),
        ("network interface", interface),
        ("target group", target["TargetGroupName"]),
    }

    def remove():
        elb.delete_load_balancer(LoadBalancerArn=balancer["LoadBalancerArn"])
        elb.delete_target_group(TargetGroupArn=target["TargetGroupArn"])
        ec2.delete_network_interface(NetworkInterfaceId=interface)
        ec2.terminate_instances(InstanceIds=[instance["InstanceId"]])
        ec2.delete_launch_template(LaunchTemplateId=template)

    return remove, ids


def found(sweep, **how):
    return {(each.kind, each.id) for each in asyncio.run(sweep.of_plane(PLANE, **how))}


@pytest.fixture
def ask(account):
    """Run the command `marketday aws left`."""
    sweep = sweep_of(account)

    @asynccontextmanager
    async def opened():
        yield SimpleNamespace(sweep=sweep)

    return lambda *arguments: CliRunner().invoke(command.app, ["left", PLANE, *arguments], obj=opened)


def test_what_controllers_of_the_cluster_made_must_go_before_the_cluster(account, ask):
    group = account.client("ec2").create_security_group(GroupName=PLANE, Description="By Terraform")["GroupId"]
    tags = {"marketday:stack": "prod", "marketday:plane": PLANE, "karpenter.sh/discovery": PLANE}
    account.client("ec2").create_tags(Resources=[group], Tags=[{"Key": k, "Value": v} for k, v in tags.items()])
    remove_others, _ = plant(account, OTHER)
    remove, planted = plant(account, PLANE)
    left = found(sweep_of(account), made_in_cluster=True)
    assert planted <= left
    assert {kind for kind, _ in left - planted} <= {"volume", "network interface", "listener"}, "with the instance"
    refused = ask("--in-cluster")
    assert refused.exit_code == 1
    assert all(id_ in refused.output for _, id_ in planted)
    assert group not in refused.output
    assert "things made in the cluster marketday-prod left; remove them, then ask again" in refused.output
    remove()
    allowed = ask("--in-cluster", "--wait", "1")
    assert (allowed.exit_code, allowed.output) == (0, "nothing made in the cluster marketday-prod is left\n")
    remove_others()


def test_a_mistyped_plane_is_no_proof_that_nothing_is_left_in_its_cluster(account, ask):
    refused = ask("--in-cluster")
    assert refused.exit_code == 1
    assert "there is nothing of a plane marketday-prod here; expected" in refused.output
    assert (ask().exit_code, ask().output) == (0, "nothing of marketday-prod is left\n"), "after the destroy"


def test_after_the_destroy_everything_of_the_plane_is_found_by_tag_or_name(account, ask):
    account.client("logs").create_log_group(logGroupName=f"/aws/eks/{PLANE}/cluster")
    account.client("logs").create_log_group(logGroupName="/aws/eks/marketday-production/cluster")
    # Another plane's name begins with ours: its log group came back, its role has tags, its cluster shows its name.
    account.client("logs").create_log_group(logGroupName=f"/aws/eks/{OTHER}/cluster")
    tags = [{"Key": "marketday:plane", "Value": OTHER}]
    account.client("iam").create_role(RoleName=f"{OTHER}-nodes", AssumeRolePolicyDocument="{}", Tags=tags)
    tags = [{"Key": "marketday:plane", "Value": f"{PLANE}-old"}]  # only the tags of its roles show this one
    account.client("iam").create_role(RoleName=f"{PLANE}-old", AssumeRolePolicyDocument="{}", Tags=tags)
    account.client("iam").create_role(RoleName=f"{PLANE}-nodes", AssumeRolePolicyDocument="{}")
    subnets = [each["SubnetId"] for each in account.client("ec2").describe_subnets()["Subnets"]][:2]
    for name in (PLANE, OTHER):
        account.client("eks").create_cluster(
            name=name, roleArn="arn:aws:iam::123456789012:role/c", resourcesVpcConfig={"subnetIds": subnets}
        )
    _, planted = plant(account, PLANE)
    key = account.client("kms").create_key(Tags=[{"TagKey": "marketday:plane", "TagValue": PLANE}])["KeyMetadata"][
        "KeyId"
    ]
    account.client("kms").schedule_key_deletion(KeyId=key)
    left = found(sweep_of(account))
    assert planted < left
    kinds = {kind for kind, _ in left}
    assert {"EKS cluster", "security group", "log group", "key"} <= kinds
    assert [id_ for kind, id_ in left if kind == "log group"] == [f"/aws/eks/{PLANE}/cluster"]
    assert {id_ for kind, id_ in left if kind in ("role", "EKS cluster")} == {f"{PLANE}-nodes", PLANE}
    told = ask()
    assert told.exit_code == 1
    assert f"log group /aws/eks/{PLANE}/cluster in ap-northeast-2 (by its name)" in told.output
    assert "blocks nothing" in told.output


def test_a_service_that_does_not_answer_proves_nothing(account, ask):
    account.fail("elasticloadbalancing", "DescribeLoadBalancers", "AccessDenied", message="not allowed", times=None)
    refused = ask("--in-cluster")
    assert refused.exit_code == 1
    assert "elbv2:DescribeLoadBalancers" in refused.output
    assert "nothing made in the cluster" not in refused.output
