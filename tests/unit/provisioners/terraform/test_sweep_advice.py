"""What is told of a leftover, by what AWS answers about it."""

import pytest

from marketday.provisioners.sweep import advice

REGION = "ap-northeast-2"
DELETE = "aws ec2 delete-network-interface --region ap-northeast-2 --network-interface-id eni-1"
LAMBDA = "AWS Lambda VPC ENI-report-7e0c0f0a-8b2f-4cf0-a550-9b6000000001"


def interface(description, status, **more):
    item = {"NetworkInterfaceId": "eni-1", "OwnerId": "1", "Description": description, "Status": status, **more}
    return advice.of_interface(item, REGION)


@pytest.mark.parametrize(
    ("description", "more", "who"),
    [
        ("DMSNetworkInterface", {}, "DMS made it"),
        ("RDSNetworkInterface", {}, "RDS made it"),
        (LAMBDA, {}, "Lambda made it for the function report"),
        ("AWS Lambda VPC ENI-of-old", {}, "Lambda made it for the function of-old"),
        ("ELB app/md-1/5", {"RequesterManaged": True}, "AWS made it (ELB app/md-1/5)"),
        ("", {"RequesterManaged": True}, "AWS made it (no description)"),
        (
            "arn:aws:ecs:attachment/1",
            {"Attachment": {"InstanceOwnerId": "2"}},
            "AWS made it (arn:aws:ecs:attachment/1)",
        ),
    ],
)
def test_an_interface_of_a_service_goes_by_itself_and_can_be_removed_once_it_is_free(description, more, who):
    used, free = interface(description, "in-use", **more), interface(description, "available", **more)
    assert used.text.startswith(f"{who}; it costs nothing, but its subnet and its security groups cannot be removed")
    assert used.passes
    assert free.passes
    assert DELETE not in used.text
    assert free.text.endswith(f"nothing uses it any more: {DELETE}")


def test_an_interface_of_a_person_does_not():
    used = interface("by hand", "in-use", Attachment={"InstanceId": "i-1", "InstanceOwnerId": "1"})
    assert used.text.endswith("i-1 uses it: ask its owner")
    free = interface("by hand", "available")
    assert free.text.endswith(f"nothing uses it: {DELETE}")
    assert (used.passes, free.passes) == (False, False)


def rule(**more):
    return advice.of_rule({"SecurityGroupRuleId": "sgr-1", "GroupId": "sg-mall", **more}, REGION)


def test_a_rule_in_another_group_holds_the_one_that_it_names():
    named = {"ReferencedGroupInfo": {"GroupId": "sg-link"}}
    assert rule(**named).text == (
        "somebody made it in sg-mall; sg-link cannot be removed before it: aws ec2 revoke-security-group-ingress "
        "--region ap-northeast-2 --group-id sg-mall --security-group-rule-ids sgr-1"
    )
    assert "revoke-security-group-egress" in rule(**named, IsEgress=True).text
    assert rule(**named, Tags=[{"Key": "marketday:stack", "Value": "link"}]) is None, "Terraform made it"
    assert rule(ReferencedGroupInfo={"GroupId": "sg-mall"}) is None, "the rule of a default group"
    assert rule() is None


def test_what_needs_nobody_has_no_advice():
    assert advice.of_secret({"Name": "x"}, REGION) is None
    assert advice.of_secret({"Name": "rds!db-1", "DeletedDate": 1, "OwningService": "rds"}, REGION) is None
    assert advice.of_service({"status": "ACTIVE"}, REGION) is None


def test_a_service_whose_role_belongs_to_ecs_needs_that_role():
    service = {"status": "DRAINING", "serviceName": "md-1-store", "clusterArn": "arn:aws:ecs:r:1:cluster/md-1"}
    own = "arn:aws:iam::1:role/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS"
    for role in (None, own):
        told = advice.of_service({**service, "roleArn": role}, REGION).text
        assert "make it again: aws iam create-service-linked-role --aws-service-name ecs.amazonaws.com" in told
