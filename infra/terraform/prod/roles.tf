locals {
  managed_policies = "arn:${data.aws_partition.this.partition}:iam::aws:policy/service-role"

  # DMS finds these two by name, one pair in an account. They stay longer than a link, so a link never makes them.
  dms_roles = var.dms_service_roles_exist ? {} : {
    "dms-vpc-role"             = "AmazonDMSVPCManagementRole"
    "dms-cloudwatch-logs-role" = "AmazonDMSCloudWatchLogsRole"
  }
}

data "aws_iam_policy_document" "assume" {
  for_each = toset(["dms", "monitoring.rds"])

  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["${each.key}.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [data.aws_caller_identity.this.account_id]
    }
  }
}

resource "aws_iam_role" "dms" {
  for_each = local.dms_roles

  name               = each.key
  description        = "DMS, in every region of the account"
  assume_role_policy = data.aws_iam_policy_document.assume["dms"].json

  tags = { Name = each.key }
}

resource "aws_iam_role_policy_attachment" "dms" {
  for_each = local.dms_roles

  role       = aws_iam_role.dms[each.key].name
  policy_arn = "${local.managed_policies}/${each.value}"
}

resource "aws_iam_role" "monitoring" {
  name               = "${var.name}-rds-monitoring"
  description        = "RDS writes what the host of the database does"
  assume_role_policy = data.aws_iam_policy_document.assume["monitoring.rds"].json

  tags = { Name = "${var.name}-rds-monitoring" }
}

resource "aws_iam_role_policy_attachment" "monitoring" {
  role       = aws_iam_role.monitoring.name
  policy_arn = "${local.managed_policies}/AmazonRDSEnhancedMonitoringRole"
}
