# Data: databases, caches, streams and archives of an environment.

data "aws_iam_policy_document" "data" {
  #checkov:skip=CKV_AWS_111: each writing statement is limited by a name or a tag
  #checkov:skip=CKV_AWS_356: see the statement Look
  statement {
    sid = "Look"
    actions = [
      "rds:Describe*", "elasticache:Describe*",
    ]
    resources = ["*"] # lists: AWS supports no resource for them
  }

  statement {
    # Without snapshots: one could be shared with another account.
    sid = "Databases"
    actions = [
      "rds:AddTagsToResource", "rds:CreateDBInstance", "rds:CreateDBParameterGroup", "rds:CreateDBSubnetGroup",
      "rds:DeleteDBInstance", "rds:DeleteDBParameterGroup", "rds:DeleteDBSubnetGroup", "rds:ListTagsForResource",
      "rds:ModifyDBInstance", "rds:ModifyDBParameterGroup", "rds:ModifyDBSubnetGroup",
      "rds:RebootDBInstance", "rds:RemoveTagsFromResource", "rds:ResetDBParameterGroup",
    ]
    resources = concat(
      [for kind in ["db", "pg", "subgrp"] : "${local.here.rds}:${kind}:${local.own}"],
      ["${local.here.rds}:og:default:*", "${local.here.rds}:pg:default.*"],
    )
  }

  # Only of the environments' databases. The copies end by themselves after their days, so this role may remove none.
  dynamic "statement" {
    for_each = var.recovery[*]

    content {
      sid       = "BackupCopies"
      actions   = ["rds:StartDBInstanceAutomatedBackupsReplication", "rds:StopDBInstanceAutomatedBackupsReplication"]
      resources = ["${local.here.rds}:db:${local.own}", "arn:${local.partition}:rds:${statement.value.region}:${local.account}:auto-backup:*"]
    }
  }

  dynamic "statement" {
    for_each = var.recovery[*]

    content {
      sid       = "KeyOfBackupCopies"
      actions   = ["kms:CreateGrant", "kms:DescribeKey"]
      resources = [statement.value.kms_key_arn]

      condition {
        test     = "StringEquals"
        variable = "kms:ViaService"
        values   = ["rds.${statement.value.region}.amazonaws.com"]
      }
    }
  }

  # RDS makes the password's secret with the caller's rights. The caller cannot read a secret, or rotate the mall's.
  statement {
    sid       = "DatabasePasswords"
    actions   = ["secretsmanager:CreateSecret", "secretsmanager:DescribeSecret", "secretsmanager:TagResource"]
    resources = ["${local.here.secretsmanager}:secret:rds!*"]
  }

  statement {
    sid = "Caches"
    actions = [
      "elasticache:AddTagsToResource", "elasticache:Create*", "elasticache:Delete*", "elasticache:ListTagsForResource",
      "elasticache:Modify*", "elasticache:RemoveTagsFromResource", "elasticache:IncreaseReplicaCount",
      "elasticache:DecreaseReplicaCount",
    ]
    resources = concat(
      [for kind in ["cluster", "parametergroup", "replicationgroup", "snapshot", "subnetgroup", "user", "usergroup"] :
      "${local.here.elasticache}:${kind}:${local.own}"],
      ["${local.here.elasticache}:parametergroup:default.*"],
    )
  }

  # CloudFormation makes the cache's users with this role's rights.
  statement {
    sid = "CacheUsers"
    actions = [
      "cloudformation:CreateStack", "cloudformation:DeleteStack", "cloudformation:DescribeStack*",
      "cloudformation:GetTemplate", "cloudformation:ListStackResources", "cloudformation:TagResource",
      "cloudformation:UntagResource", "cloudformation:UpdateStack",
    ]
    resources = ["${local.here.cloudformation}:stack/${local.own}"]
  }

  statement {
    sid = "Streams"
    actions = [
      "kinesis:AddTagsToStream", "kinesis:CreateStream", "kinesis:DecreaseStreamRetentionPeriod", "kinesis:DeleteStream",
      "kinesis:Describe*", "kinesis:IncreaseStreamRetentionPeriod", "kinesis:List*", "kinesis:RemoveTagsFromStream",
      "kinesis:StartStreamEncryption", "kinesis:StopStreamEncryption", "kinesis:TagResource", "kinesis:UntagResource",
      "firehose:CreateDeliveryStream", "firehose:DeleteDeliveryStream",
      "firehose:DescribeDeliveryStream", "firehose:ListTagsForDeliveryStream",
      "firehose:StartDeliveryStreamEncryption", "firehose:StopDeliveryStreamEncryption",
      "firehose:TagDeliveryStream", "firehose:UntagDeliveryStream", "firehose:UpdateDestination",
    ]
    resources = ["${local.here.kinesis}:stream/${local.own}", "${local.here.firehose}:deliverystream/${local.own}"]
  }

  statement {
    sid = "StreamSizes"
    actions = [
      "kinesis:DisableEnhancedMonitoring", "kinesis:EnableEnhancedMonitoring", "kinesis:UpdateShardCount",
      "kinesis:UpdateStreamMode",
    ]
    resources = ["*"] # Kinesis supports no resource for these actions
  }

  statement {
    sid = "Tables"
    actions = [
      "glue:CreateDatabase", "glue:CreateTable", "glue:DeleteDatabase", "glue:DeleteTable", "glue:GetDatabase",
      "glue:GetPartitionIndexes", "glue:GetTable", "glue:GetTags", "glue:TagResource", "glue:UntagResource",
      "glue:UpdateDatabase", "glue:UpdateTable", "athena:CreateNamedQuery", "athena:CreateWorkGroup", "athena:DeleteNamedQuery",
      "athena:DeleteWorkGroup", "athena:GetNamedQuery", "athena:GetWorkGroup", "athena:ListTagsForResource",
      "athena:TagResource", "athena:UntagResource", "athena:UpdateWorkGroup",
    ]
    # Glue also checks the catalogue for each database; names there have underscores.
    resources = concat(
      ["${local.here.glue}:catalog", "${local.here.athena}:workgroup/${local.own}"],
      ["${local.here.glue}:database/md_????????", "${local.here.glue}:table/md_????????/*"],
    )
  }
}
