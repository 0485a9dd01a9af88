# The AWS Load Balancer Controller makes load balancers for the Ingress objects of one cluster. It changes only what has
# that cluster's tag, and no security group: Terraform makes those (modules/pod_groups), and the Ingress names them.
# It runs without Shield and WAF (its flags --enable-shield, --enable-waf, --enable-wafv2), and certificates are named.

data "aws_caller_identity" "this" {}
data "aws_partition" "this" {}
data "aws_region" "this" {}

locals {
  elb   = "arn:${data.aws_partition.this.partition}:elasticloadbalancing:${data.aws_region.this.name}:${data.aws_caller_identity.this.account_id}"
  owner = "elbv2.k8s.aws/cluster"
  kinds = ["loadbalancer/app/*", "targetgroup/*", "listener/app/*", "listener-rule/app/*"]
  made  = ["CreateListener", "CreateLoadBalancer", "CreateRule", "CreateTargetGroup"]
}

module "role" {
  source = "../pod_role"

  name            = "${var.cluster.name}-load-balancers"
  description     = "Makes the load balancers of ${var.cluster.name}"
  cluster         = var.cluster
  namespace       = "kube-system"
  service_account = "aws-load-balancer-controller"
  policies        = { change = data.aws_iam_policy_document.change.json, look = data.aws_iam_policy_document.look.json }
}

data "aws_iam_policy_document" "change" {
  statement {
    sid       = "Make"
    actions   = ["elasticloadbalancing:CreateLoadBalancer", "elasticloadbalancing:CreateTargetGroup"]
    resources = ["${local.elb}:loadbalancer/app/*", "${local.elb}:targetgroup/*"]

    condition {
      test     = "StringEquals"
      variable = "aws:RequestTag/${local.owner}"
      values   = [var.cluster.name]
    }
  }

  statement {
    sid       = "TagWhatItMakes"
    actions   = ["elasticloadbalancing:AddTags"]
    resources = [for kind in local.kinds : "${local.elb}:${kind}"]

    condition {
      test     = "StringEquals"
      variable = "elasticloadbalancing:CreateAction"
      values   = local.made
    }

    condition {
      test     = "StringEquals"
      variable = "aws:RequestTag/${local.owner}"
      values   = [var.cluster.name]
    }
  }

  # The owner's tag itself stays as it is.
  statement {
    sid       = "TagWhatIsItsOwn"
    actions   = ["elasticloadbalancing:AddTags", "elasticloadbalancing:RemoveTags"]
    resources = [for kind in local.kinds : "${local.elb}:${kind}"]

    condition {
      test     = "StringEquals"
      variable = "aws:ResourceTag/${local.owner}"
      values   = [var.cluster.name]
    }

    condition {
      test     = "ForAllValues:StringNotEqualsIgnoreCase" # a condition finds a tag also by its name in capitals
      variable = "aws:TagKeys"
      values   = [local.owner]
    }
  }

  statement {
    sid = "ChangeWhatIsItsOwn"
    actions = [for action in [
      "AddListenerCertificates", "CreateListener", "CreateRule", "DeleteListener", "DeleteLoadBalancer", "DeleteRule",
      "DeleteTargetGroup", "DeregisterTargets", "ModifyListener", "ModifyListenerAttributes", "ModifyLoadBalancerAttributes",
      "ModifyRule", "ModifyTargetGroup", "ModifyTargetGroupAttributes", "RegisterTargets", "RemoveListenerCertificates",
      "SetIpAddressType", "SetRulePriorities", "SetSecurityGroups", "SetSubnets",
    ] : "elasticloadbalancing:${action}"]
    resources = [for kind in local.kinds : "${local.elb}:${kind}"]

    condition {
      test     = "StringEquals"
      variable = "aws:ResourceTag/${local.owner}"
      values   = [var.cluster.name]
    }
  }

  # Once in an account, with its first load balancer.
  statement {
    sid       = "TheRoleOfLoadBalancing"
    actions   = ["iam:CreateServiceLinkedRole"]
    resources = ["arn:${data.aws_partition.this.partition}:iam::${data.aws_caller_identity.this.account_id}:role/aws-service-role/elasticloadbalancing.amazonaws.com/*"]

    condition {
      test     = "StringEquals"
      variable = "iam:AWSServiceName"
      values   = ["elasticloadbalancing.amazonaws.com"]
    }
  }
}

data "aws_iam_policy_document" "look" {
  #checkov:skip=CKV_AWS_356: descriptions, for which AWS supports no resource
  statement {
    sid = "Describe"
    actions = concat(
      [for what in [
        "AccountAttributes", "Addresses", "AvailabilityZones", "Instances", "InternetGateways", "NetworkInterfaces",
        "RouteTables", "SecurityGroups", "Subnets", "Tags", "VpcPeeringConnections", "Vpcs",
      ] : "ec2:Describe${what}"],
      ["ec2:GetSecurityGroupsForVpc"],
      [for what in [
        "CapacityReservation", "ListenerAttributes", "ListenerCertificates", "Listeners", "LoadBalancerAttributes",
        "LoadBalancers", "Rules", "SSLPolicies", "Tags", "TargetGroupAttributes", "TargetGroups", "TargetHealth", "TrustStores",
      ] : "elasticloadbalancing:Describe${what}"],
    )
    resources = ["*"] # AWS supports no narrower resource for these calls
  }
}
