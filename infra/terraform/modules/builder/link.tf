# The path of a hand-back window: peering, routes, rules, and the replication's own group in the mall's network. Only the role of
# build hosts for links has these rights. Of the mall's resources it names exactly those that the stack prod names.

locals {
  link_makes = ["AuthorizeSecurityGroupEgress", "AuthorizeSecurityGroupIngress", "CreateSecurityGroup", "CreateVpcPeeringConnection"]

  # prod's resources in a list for each kind; empty before prod exists.
  malls = {
    vpc     = [for prod in var.prod[*] : "${local.here.ec2}:vpc/${prod.vpc_id}"]
    routes  = flatten([for prod in var.prod[*] : [for id in concat(prod.route_table_ids, flatten(prod.controller[*].route_table_ids)) : "${local.here.ec2}:route-table/${id}"]])
    subnets = flatten([for prod in var.prod[*] : [for id in prod.subnet_ids : "${local.here.ec2}:subnet/${id}"]])
    group   = [for prod in var.prod[*] : "${local.here.ec2}:security-group/${prod.security_group_id}"]
    key     = [for prod in var.prod[*] : prod.kms_key_arn if prod.kms_key_arn != null]
  }
  malls_ends = {
    Network = { on = local.malls.vpc, may = ["CreateSecurityGroup", "CreateVpcPeeringConnection"] }
    Routes  = { on = local.malls.routes, may = ["CreateRoute", "DeleteRoute"] }
    Group   = { on = local.malls.group, may = ["AuthorizeSecurityGroupIngress", "RevokeSecurityGroupIngress"] }
  }
}

data "aws_iam_policy_document" "path" {
  #checkov:skip=CKV_AWS_111: each writing statement is limited by a tag, or to the resources that prod names
  #checkov:skip=CKV_AWS_356: EC2 supports no resource for Describe
  statement {
    sid       = "Look"
    actions   = ["ec2:Describe*"]
    resources = ["*"] # EC2 supports no resource for these actions
  }

  # Two statements, for the reason in network.tf: a group in the first would let a rule with our tag into any group.
  statement {
    sid       = "MakePeeringAndRules"
    actions   = ["ec2:AuthorizeSecurityGroupEgress", "ec2:AuthorizeSecurityGroupIngress", "ec2:CreateVpcPeeringConnection"]
    resources = [for kind in ["security-group-rule", "vpc-peering-connection"] : "${local.here.ec2}:${kind}/*"]

    condition {
      test     = "StringEquals"
      variable = "aws:RequestTag/marketday:stack"
      values   = ["link"]
    }
  }

  statement {
    sid       = "MakeGroup"
    actions   = ["ec2:CreateSecurityGroup"]
    resources = ["${local.here.ec2}:security-group/*"]

    condition {
      test     = "StringEquals"
      variable = "aws:RequestTag/marketday:stack"
      values   = ["link"]
    }
  }

  statement {
    sid       = "TagWhatIsMade"
    actions   = ["ec2:CreateTags"]
    resources = [for kind in ["security-group", "security-group-rule", "vpc-peering-connection"] : "${local.here.ec2}:${kind}/*"]

    condition {
      test     = "StringEquals"
      variable = "ec2:CreateAction"
      values   = local.link_makes
    }
  }

  statement {
    sid = "Ours"
    actions = [
      "ec2:AcceptVpcPeeringConnection", "ec2:AuthorizeSecurityGroupEgress", "ec2:DeleteSecurityGroup",
      "ec2:DeleteVpcPeeringConnection", "ec2:ModifySecurityGroupRules", "ec2:ModifyVpcPeeringConnectionOptions",
      "ec2:RevokeSecurityGroupEgress", "ec2:RevokeSecurityGroupIngress",
    ]
    resources = [for kind in ["security-group", "security-group-rule", "vpc-peering-connection"] : "${local.here.ec2}:${kind}/*"]

    condition {
      test     = "StringEquals"
      variable = "aws:ResourceTag/marketday:stack"
      values   = ["link"]
    }
  }

  statement {
    sid       = "EventsEnd"
    actions   = ["ec2:AcceptVpcPeeringConnection", "ec2:AuthorizeSecurityGroupIngress", "ec2:CreateRoute", "ec2:DeleteRoute", "ec2:RevokeSecurityGroupIngress"]
    resources = [for kind in ["route-table", "security-group", "vpc"] : "${local.here.ec2}:${kind}/*"]

    condition {
      test     = "StringEquals"
      variable = "aws:ResourceTag/marketday:stack"
      values   = ["event"]
    }
  }

  # DMS may leave the interface of its instance behind, without a tag. The provider removes it before the group that it uses, and
  # fails at once if it may not. Only in the subnets where DMS works, and never one with our tag. EC2 refuses it while it is used.
  dynamic "statement" {
    for_each = length(local.malls.subnets) > 0 ? [local.malls.subnets] : []

    content {
      sid       = "InterfacesThatDmsLeft"
      actions   = ["ec2:DeleteNetworkInterface"]
      resources = ["${local.here.ec2}:network-interface/*"]

      condition {
        test     = "ArnEquals"
        variable = "ec2:Subnet"
        values   = statement.value
      }

      condition {
        test     = "Null"
        variable = "aws:ResourceTag/marketday:stack"
        values   = ["true"]
      }
    }
  }

  dynamic "statement" {
    for_each = { for end, each in local.malls_ends : end => each if length(each.on) > 0 }

    content {
      sid       = "Malls${statement.key}"
      actions   = [for action in statement.value.may : "ec2:${action}"]
      resources = statement.value.on
    }
  }
}
