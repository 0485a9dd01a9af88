# Networks: an environment's own networks by their tag; of the mall's network only what a link needs.

locals {
  made_with_tags = [
    "AllocateAddress", "AuthorizeSecurityGroupEgress", "AuthorizeSecurityGroupIngress", "CreateFlowLogs",
    "CreateInternetGateway", "CreateNatGateway", "CreateNetworkAcl", "CreateRouteTable", "CreateSecurityGroup",
    "CreateSubnet", "CreateVpc", "CreateVpcEndpoint", "CreateVpcPeeringConnection",
  ]
  kinds_made = [
    "elastic-ip", "internet-gateway", "natgateway", "network-acl", "route-table", "security-group",
    "security-group-rule", "subnet", "vpc", "vpc-endpoint", "vpc-flow-log", "vpc-peering-connection",
  ]
}

data "aws_iam_policy_document" "network" {
  #checkov:skip=CKV_AWS_111: each writing statement is limited by a tag
  #checkov:skip=CKV_AWS_356: EC2 supports no resource for Describe
  statement {
    sid       = "Look"
    actions   = ["ec2:Describe*", "ec2:GetManagedPrefixListEntries"]
    resources = ["*"] # EC2 supports no resource for these actions
  }

  statement {
    sid       = "MakeTagged"
    actions   = [for action in local.made_with_tags : "ec2:${action}"]
    resources = [for kind in local.kinds_made : "${local.here.ec2}:${kind}/*"]

    condition {
      test     = "StringEquals"
      variable = "aws:RequestTag/marketday:stack"
      values   = local.ours
    }
  }

  # With this right of the caller EC2 gives an interface endpoint its DNS names.
  statement {
    sid       = "NameEndpoints"
    actions   = ["route53:AssociateVPCWithHostedZone"]
    resources = ["*"] # the zone is AWS's, and has no id in advance
  }

  # A tag may be set while a resource is made; later only on resources that already have our tag (below).
  statement {
    sid       = "TagWhatIsMade"
    actions   = ["ec2:CreateTags"]
    resources = [for kind in local.kinds_made : "${local.here.ec2}:${kind}/*"]

    condition {
      test     = "StringEquals"
      variable = "ec2:CreateAction"
      values   = local.made_with_tags
    }
  }

  statement {
    sid = "Ours"
    actions = concat([for action in local.made_with_tags : "ec2:${action}" if action != "CreateVpc"], [
      "ec2:AcceptVpcPeeringConnection", "ec2:AssociateAddress", "ec2:AssociateRouteTable",
      "ec2:AttachInternetGateway", "ec2:CreateRoute", "ec2:CreateTags", "ec2:DeleteFlowLogs",
      "ec2:DeleteInternetGateway", "ec2:DeleteNatGateway", "ec2:DeleteNetworkAcl", "ec2:DeleteRoute",
      "ec2:DeleteRouteTable", "ec2:DeleteSecurityGroup", "ec2:DeleteSubnet", "ec2:DeleteTags", "ec2:DeleteVpc",
      "ec2:DeleteVpcEndpoints", "ec2:DeleteVpcPeeringConnection", "ec2:DetachInternetGateway",
      "ec2:DisassociateAddress", "ec2:DisassociateRouteTable", "ec2:ModifySecurityGroupRules",
      "ec2:ModifySubnetAttribute", "ec2:ModifyVpcAttribute", "ec2:ModifyVpcEndpoint",
      "ec2:ModifyVpcPeeringConnectionOptions", "ec2:ReleaseAddress", "ec2:ReplaceRoute",
      "ec2:ReplaceRouteTableAssociation", "ec2:RevokeSecurityGroupEgress", "ec2:RevokeSecurityGroupIngress",
      "ec2:UpdateSecurityGroupRuleDescriptionsEgress", "ec2:UpdateSecurityGroupRuleDescriptionsIngress",
    ])
    resources = ["${local.here.ec2}:*/*"]

    condition {
      test     = "StringEquals"
      variable = "aws:ResourceTag/marketday:stack"
      values   = local.ours
    }
  }

  # A VPC's default group is made without tags. Closing it is the only change to a resource without tags; with
  # an account of its own for the event plane the mall is safe even from this.
  statement {
    sid       = "CloseDefaultGroup"
    actions   = ["ec2:CreateTags", "ec2:RevokeSecurityGroupEgress", "ec2:RevokeSecurityGroupIngress"]
    resources = ["${local.here.ec2}:security-group/*", "${local.here.ec2}:security-group-rule/*"]

    condition {
      test     = "Null"
      variable = "aws:ResourceTag/marketday:stack"
      values   = ["true"]
    }
  }

  # A hand-back window between the two databases: peering, routes, rules, and the replication's own group in the mall's VPC.
  statement {
    sid = "MallsWindow"
    actions = [
      "ec2:AcceptVpcPeeringConnection", "ec2:AuthorizeSecurityGroupIngress", "ec2:CreateRoute",
      "ec2:CreateSecurityGroup", "ec2:CreateVpcPeeringConnection", "ec2:DeleteRoute",
      "ec2:RevokeSecurityGroupIngress",
    ]
    resources = [for kind in ["route-table", "security-group", "vpc"] : "${local.here.ec2}:${kind}/*"]

    condition {
      test     = "StringEquals"
      variable = "aws:ResourceTag/marketday:stack"
      values   = ["prod"]
    }
  }
}
