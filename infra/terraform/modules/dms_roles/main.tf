# DMS finds these two by name, one pair in an account. They stay longer than a link, so a link never makes them.

data "aws_caller_identity" "this" {}
data "aws_partition" "this" {}

locals {
  roles = {
    "dms-vpc-role"             = "AmazonDMSVPCManagementRole"
    "dms-cloudwatch-logs-role" = "AmazonDMSCloudWatchLogsRole"
  }
}

data "aws_iam_policy_document" "assume" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["dms.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [data.aws_caller_identity.this.account_id]
    }
  }
}

resource "aws_iam_role" "this" {
  for_each = local.roles

  name               = each.key
  description        = "DMS, in every region of the account"
  assume_role_policy = data.aws_iam_policy_document.assume.json

  tags = { Name = each.key }
}

resource "aws_iam_role_policy_attachment" "this" {
  for_each = local.roles

  role       = aws_iam_role.this[each.key].name
  policy_arn = "arn:${data.aws_partition.this.partition}:iam::aws:policy/service-role/${each.value}"
}
