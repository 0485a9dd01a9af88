"""What the emulator adds to moto's EKS, as an SDK sees it."""

import json

import pytest
from botocore.exceptions import ClientError

ROLE = "arn:aws:iam::123456789012:role/{}"
ADMIN = "arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy"


@pytest.fixture
def eks(account):
    """A client, with a cluster `c` in the account."""
    client, ec2 = account.client("eks"), account.client("ec2")
    subnets = [each["SubnetId"] for each in ec2.describe_subnets()["Subnets"]][:2]
    client.create_cluster(
        name="c",
        version="1.35",
        roleArn=ROLE.format("cluster"),
        resourcesVpcConfig={"subnetIds": subnets, "endpointPublicAccess": False, "endpointPrivateAccess": True},
        accessConfig={"authenticationMode": "API", "bootstrapClusterCreatorAdminPermissions": False},
        upgradePolicy={"supportType": "STANDARD"},
    )
    return client


def nodes(eks):
    subnets = eks.describe_cluster(name="c")["cluster"]["resourcesVpcConfig"]["subnetIds"]
    return eks.create_nodegroup(clusterName="c", nodegroupName="n", subnets=subnets, nodeRole=ROLE.format("node"))


def test_a_cluster_has_a_security_group_that_goes_with_it(account, eks):
    cluster = eks.describe_cluster(name="c")["cluster"]
    assert not cluster["accessConfig"]["bootstrapClusterCreatorAdminPermissions"]
    assert cluster["upgradePolicy"] == {"supportType": "STANDARD"}
    group = cluster["resourcesVpcConfig"]["clusterSecurityGroupId"]
    by_cluster = [{"Name": "tag:aws:eks:cluster-name", "Values": ["c"]}]
    found = account.client("ec2").describe_security_groups(Filters=by_cluster)["SecurityGroups"]
    assert [each["GroupId"] for each in found] == [group]
    eks.delete_cluster(name="c")
    assert account.client("ec2").describe_security_groups(Filters=by_cluster)["SecurityGroups"] == []


def test_a_cluster_changes_by_updates_and_one_version_at_a_time(eks):
    update = eks.update_cluster_config(name="c", resourcesVpcConfig={"publicAccessCidrs": ["10.0.0.0/8"]})["update"]
    assert eks.describe_update(name="c", updateId=update["id"])["update"]["status"] == "Successful"
    assert len(eks.describe_cluster(name="c")["cluster"]["resourcesVpcConfig"]["subnetIds"]) == 2
    eks.update_cluster_version(name="c", version="1.36")
    for version in ("1.36", "1.35", "1.38"):
        with pytest.raises(ClientError, match="Unsupported Kubernetes minor version update"):
            eks.update_cluster_version(name="c", version=version)


def test_nodes_have_the_version_of_their_cluster_and_never_a_newer_one(eks):
    assert nodes(eks)["nodegroup"]["version"] == "1.35"
    with pytest.raises(ClientError, match="newer"):
        eks.update_nodegroup_version(clusterName="c", nodegroupName="n", version="1.36")
    eks.update_cluster_version(name="c", version="1.36")
    eks.update_nodegroup_version(clusterName="c", nodegroupName="n")
    assert eks.describe_nodegroup(clusterName="c", nodegroupName="n")["nodegroup"]["version"] == "1.36"


def test_the_role_of_nodes_has_an_entry_already(eks):
    nodes(eks)
    assert eks.list_access_entries(clusterName="c")["accessEntries"] == [ROLE.format("node")]
    with pytest.raises(ClientError, match="already in use"):
        eks.create_access_entry(clusterName="c", principalArn=ROLE.format("node"), type="EC2_LINUX")


def test_an_entry_has_policies(eks):
    who = {"clusterName": "c", "principalArn": ROLE.format("admin")}
    entry = eks.create_access_entry(**who)["accessEntry"]
    assert (entry["type"], entry["kubernetesGroups"]) == ("STANDARD", [])
    eks.associate_access_policy(**who, policyArn=ADMIN, accessScope={"type": "cluster"})
    [policy] = eks.list_associated_access_policies(**who)["associatedAccessPolicies"]
    assert (policy["policyArn"], policy["accessScope"]["type"]) == (ADMIN, "cluster")
    eks.tag_resource(resourceArn=entry["accessEntryArn"], tags={"a": "1"})
    assert eks.describe_access_entry(**who)["accessEntry"]["tags"] == {"a": "1"}
    eks.disassociate_access_policy(**who, policyArn=ADMIN)
    eks.delete_access_entry(**who)
    with pytest.raises(ClientError, match="No access entry"):
        eks.describe_access_entry(**who)


def test_a_service_account_has_one_role(eks):
    who = {"clusterName": "c", "namespace": "marketday", "serviceAccount": "controller"}
    made = eks.create_pod_identity_association(**who, roleArn=ROLE.format("one"))["association"]
    with pytest.raises(ClientError, match="Association already exists"):
        eks.create_pod_identity_association(**who, roleArn=ROLE.format("other"))
    named = {"clusterName": "c", "associationId": made["associationId"]}
    eks.update_pod_identity_association(**named, roleArn=ROLE.format("other"))
    assert eks.describe_pod_identity_association(**named)["association"]["roleArn"] == ROLE.format("other")
    eks.delete_pod_identity_association(**named)
    assert eks.list_pod_identity_associations(clusterName="c")["associations"] == []


def test_an_add_on_takes_its_association_along(eks):
    link = {"serviceAccount": "aws-node", "roleArn": ROLE.format("cni")}
    addon = {"clusterName": "c", "addonName": "vpc-cni"}
    made = eks.create_addon(**addon, addonVersion="v1.21.1-eksbuild.3", podIdentityAssociations=[link])["addon"]
    [association] = eks.list_pod_identity_associations(clusterName="c")["associations"]
    assert made["podIdentityAssociations"] == [association["associationArn"]]
    eks.update_addon(**addon, addonVersion="v1.22.0-eksbuild.1")
    assert eks.describe_addon(**addon)["addon"]["addonVersion"] == "v1.22.0-eksbuild.1"
    eks.delete_addon(**addon)
    assert eks.list_pod_identity_associations(clusterName="c")["associations"] == []
    assert eks.list_addons(clusterName="c")["addons"] == []
    with pytest.raises(ClientError, match="not supported"):
        eks.create_addon(clusterName="c", addonName="unknown")


def test_a_launch_template_tells_of_tags_that_came_later(account):
    client = account.client("ec2")
    made = client.create_launch_template(LaunchTemplateName="t", LaunchTemplateData={"InstanceType": "t4g.small"})
    client.create_tags(Resources=[made["LaunchTemplate"]["LaunchTemplateId"]], Tags=[{"Key": "later", "Value": "yes"}])
    assert client.describe_launch_templates()["LaunchTemplates"][0]["Tags"] == [{"Key": "later", "Value": "yes"}]


def test_a_cluster_needs_two_zones_and_addresses_of_its_own(account):
    client, ec2 = account.client("eks"), account.client("ec2")
    subnets = ec2.describe_subnets()["Subnets"]
    whole = {"name": "c", "roleArn": ROLE.format("cluster")}
    with pytest.raises(ClientError, match="at least two different AZs"):
        client.create_cluster(**whole, resourcesVpcConfig={"subnetIds": [subnets[0]["SubnetId"]]})
    vpc = ec2.describe_vpcs(VpcIds=[subnets[0]["VpcId"]])["Vpcs"][0]["CidrBlock"]
    place = {"subnetIds": [each["SubnetId"] for each in subnets[:2]]}
    with pytest.raises(ClientError, match="overlaps with VPC CIDR"):
        client.create_cluster(
            **whole, resourcesVpcConfig=place, kubernetesNetworkConfig={"serviceIpv4Cidr": vpc.split("/")[0] + "/20"}
        )


def test_a_policy_and_groups_that_aws_does_not_take_are_refused(eks):
    who = {"clusterName": "c", "principalArn": ROLE.format("nodes")}
    with pytest.raises(ClientError, match="cannot have Kubernetes groups"):
        eks.create_access_entry(**who, type="EC2_LINUX", kubernetesGroups=["a"])
    eks.create_access_entry(**who, type="EC2_LINUX")
    with pytest.raises(ClientError, match="cannot be associated with the type EC2_LINUX"):
        eks.associate_access_policy(**who, policyArn=ADMIN, accessScope={"type": "cluster"})
    with pytest.raises(ClientError, match="does not exist"):
        eks.associate_access_policy(**who, policyArn=f"{ADMIN}s", accessScope={"type": "cluster"})


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"addonVersion": "v1.36.0-eksbuild.2", "addonName": "kube-proxy"}, "version specified is not supported"),
        ({"addonVersion": "1.21.1"}, "version specified is not supported"),
        ({"configurationValues": '{"enableNetworkPolicy": true}'}, "enableNetworkPolicy"),
        ({"configurationValues": '{"env": {"EXTERNALSNAT": "true"}}'}, "EXTERNALSNAT"),
        ({"configurationValues": "env"}, "Json schema validation failed"),
    ],
)
def test_an_add_on_takes_only_its_own_versions_and_settings(eks, given, told):
    with pytest.raises(ClientError, match=told):
        eks.create_addon(clusterName="c", **{"addonName": "vpc-cni", **given})


def test_a_pod_gets_only_a_role_that_trusts_eks_with_session_tags(account, eks):
    def role(name, *actions):
        trust = {"Effect": "Allow", "Principal": {"Service": "pods.eks.amazonaws.com"}, "Action": list(actions)}
        made = account.client("iam").create_role(
            RoleName=name, AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [trust]})
        )
        return made["Role"]["Arn"]

    who = {"clusterName": "c", "namespace": "marketday", "serviceAccount": "controller"}
    with pytest.raises(ClientError, match=r"must allow pods\.eks\.amazonaws\.com"):
        eks.create_pod_identity_association(**who, roleArn=role("without", "sts:AssumeRole"))
    eks.create_pod_identity_association(**who, roleArn=role("with", "sts:AssumeRole", "sts:TagSession"))
