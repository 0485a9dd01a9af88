# Networks of an environment. What is made must get our tag while it is made (aws:RequestTag), and must be made in something that
# has it already (aws:ResourceTag). The three first statements differ because a condition is checked for each resource of a
# request: if one named both the thing that is made and the thing in which it is made, the tag of the first would also open the
# second, for example the mall's security group to a rule with our tag.

locals {
  # The kinds of things that the actions below make. AWS asks an action also about where the thing is made: that kind is in another list.
  made = {
    InAVpc    = ["elastic-ip", "internet-gateway", "network-acl", "route-table", "security-group", "subnet"]
    InsideOne = ["natgateway", "security-group-rule", "vpc-endpoint", "vpc-flow-log"]
    Vpc       = ["vpc"]
  }
  makes = {
    InAVpc    = ["AllocateAddress", "CreateInternetGateway", "CreateNetworkAcl", "CreateRouteTable", "CreateSecurityGroup", "CreateSubnet"]
    InsideOne = ["AuthorizeSecurityGroupEgress", "AuthorizeSecurityGroupIngress", "CreateFlowLogs", "CreateNatGateway", "CreateVpcEndpoint"]
    Vpc       = ["CreateVpc"]
  }
}

data "aws_iam_policy_document" "network" {
  #checkov:skip=CKV_AWS_111: each writing statement is limited by a tag
  #checkov:skip=CKV_AWS_356: EC2 supports no resource for Describe
  statement {
    sid       = "Look"
    actions   = ["ec2:Describe*", "ec2:GetManagedPrefixListEntries"]
    resources = ["*"] # EC2 supports no resource for these actions
  }

  dynamic "statement" {
    for_each = local.makes

    content {
      sid       = "Make${statement.key}"
      actions   = [for action in statement.value : "ec2:${action}"]
      resources = [for kind in local.made[statement.key] : "${local.here.ec2}:${kind}/*"]

      condition {
        test     = "StringEquals"
        variable = "aws:RequestTag/marketday:stack"
        values   = ["event"]
      }
    }
  }

  # With this right of the caller EC2 gives an interface endpoint its DNS names.
  statement {
    sid       = "NameEndpoints"
    actions   = ["route53:AssociateVPCWithHostedZone"]
    resources = ["*"] # the zone is AWS's, and has no id in advance
  }

  # Tags may be set only while a resource is made. A resource of somebody else that could be tagged later would then count as ours.
  statement {
    sid       = "TagWhatIsMade"
    actions   = ["ec2:CreateTags"]
    resources = [for kind in flatten(values(local.made)) : "${local.here.ec2}:${kind}/*"]

    condition {
      test     = "StringEquals"
      variable = "ec2:CreateAction"
      values   = flatten(values(local.makes))
    }
  }

  statement {
    sid = "Ours"
    actions = concat([for action in flatten(values(local.makes)) : "ec2:${action}" if action != "CreateVpc"], [
      "ec2:AssociateAddress", "ec2:AssociateRouteTable", "ec2:AttachInternetGateway", "ec2:CreateRoute", "ec2:DeleteFlowLogs",
      "ec2:DeleteInternetGateway", "ec2:DeleteNatGateway", "ec2:DeleteNetworkAcl", "ec2:DeleteRoute",
      "ec2:DeleteRouteTable", "ec2:DeleteSecurityGroup", "ec2:DeleteSubnet", "ec2:DeleteVpc",
      "ec2:DeleteVpcEndpoints", "ec2:DetachInternetGateway",
      "ec2:DisassociateAddress", "ec2:DisassociateRouteTable", "ec2:ModifySecurityGroupRules",
      "ec2:ModifySubnetAttribute", "ec2:ModifyVpcAttribute", "ec2:ModifyVpcEndpoint",
      "ec2:ReleaseAddress", "ec2:ReplaceRoute",
      "ec2:ReplaceRouteTableAssociation", "ec2:RevokeSecurityGroupEgress", "ec2:RevokeSecurityGroupIngress",
      "ec2:UpdateSecurityGroupRuleDescriptionsEgress", "ec2:UpdateSecurityGroupRuleDescriptionsIngress",
    ])
    resources = ["${local.here.ec2}:*/*"]

    condition {
      test     = "StringEquals"
      variable = "aws:ResourceTag/marketday:stack"
      values   = ["event"]
    }
  }

  # Keeping an environment longer changes the tag marketday:expires of everything. The tag that rights depend on stays.
  statement {
    sid       = "TagOurs"
    actions   = ["ec2:CreateTags", "ec2:DeleteTags"]
    resources = ["${local.here.ec2}:*/*"]

    condition {
      test     = "StringEquals"
      variable = "aws:ResourceTag/marketday:stack"
      values   = ["event"]
    }

    # A request that names no tag removes all of them, also that one.
    condition {
      test     = "Null"
      variable = "aws:TagKeys"
      values   = ["false"]
    }

    condition {
      test     = "ForAllValues:StringNotEqualsIgnoreCase" # a condition finds a tag also by its name in capitals
      variable = "aws:TagKeys"
      values   = ["marketday:stack"]
    }
  }
}
