# What the region recovery_region has beforehand. Images are copied there in any case (module.registry). The states and the run table
# are not: docs/adr/0033-another-region.md says why.

locals {
  recovers = var.recovery_region == null ? 0 : 1

  # For the stacks prod and event, as their variable `recovery`.
  recovery = var.recovery_region == null ? null : {
    region      = var.recovery_region
    kms_key_arn = one(aws_kms_key.recovery[*].arn)
    backup_days = var.backup_copy_days
  }
}

data "aws_iam_policy_document" "recovery_key" {
  #checkov:skip=CKV_AWS_109: a key's own policy; without this statement nobody could change the key again
  #checkov:skip=CKV_AWS_111: the account's own statement, without which nobody could change the key
  #checkov:skip=CKV_AWS_356: in a key's policy "*" is this key
  statement {
    sid       = "Account"
    actions   = ["kms:*"]
    resources = ["*"] # in a key's policy * is that key

    principals {
      type        = "AWS"
      identifiers = ["arn:${local.partition}:iam::${local.account}:root"]
    }
  }
}

# A key of its own there: it works without the region of the first one, and encrypts each service's copies there.
resource "aws_kms_key" "recovery" {
  count    = local.recovers
  provider = aws.replica

  description             = "Marketday: copies of secrets and backups"
  enable_key_rotation     = true
  deletion_window_in_days = 30
  policy                  = data.aws_iam_policy_document.recovery_key.json

  tags = { Name = "${local.name}-recovery" }
}

resource "aws_kms_alias" "recovery" {
  count    = local.recovers
  provider = aws.replica

  name          = "alias/${local.name}-recovery"
  target_key_id = aws_kms_key.recovery[0].key_id
}

# The bucket has the name that this stack gives to its own bucket of logs there: after a recovery it is that.
module "evidence_copy" {
  source    = "../modules/private_bucket"
  providers = { aws = aws.replica }
  count     = local.recovers

  name            = "${local.name}-logs-${local.account}-${var.replica_region}"
  expiration_days = var.log_retention_days
  noncurrent_days = 90
  force_destroy   = !var.deletion_protection
}

data "aws_iam_policy_document" "evidence_copy_trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["s3.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [local.account]
    }
  }
}

data "aws_iam_policy_document" "evidence_copy" {
  count = local.recovers

  statement {
    sid       = "Look"
    actions   = ["s3:GetReplicationConfiguration", "s3:ListBucket"]
    resources = [module.logs.arn]
  }

  statement {
    sid       = "Read"
    actions   = ["s3:GetObjectVersionAcl", "s3:GetObjectVersionForReplication", "s3:GetObjectVersionTagging"]
    resources = ["${module.logs.arn}/drops/*"]
  }

  statement {
    sid       = "Copy" # and no deletion: what is removed here stays there
    actions   = ["s3:ReplicateObject", "s3:ReplicateTags"]
    resources = ["${module.evidence_copy[0].arn}/drops/*"]
  }
}

resource "aws_iam_role" "evidence_copy" {
  count = local.recovers

  name               = "${local.name}-evidence-copy"
  description        = "Copies the evidence of environments to ${var.replica_region}"
  assume_role_policy = data.aws_iam_policy_document.evidence_copy_trust.json

  tags = { Name = "${local.name}-evidence-copy" }
}

resource "aws_iam_role_policy" "evidence_copy" {
  count = local.recovers

  name   = "copy"
  role   = aws_iam_role.evidence_copy[0].name
  policy = data.aws_iam_policy_document.evidence_copy[0].json
}

resource "aws_s3_bucket_replication_configuration" "evidence" {
  count = local.recovers

  bucket = module.logs.name
  role   = aws_iam_role.evidence_copy[0].arn

  rule {
    id     = "evidence"
    status = "Enabled"

    filter {
      prefix = "drops/"
    }

    delete_marker_replication {
      status = "Disabled"
    }

    destination {
      bucket        = module.evidence_copy[0].arn
      storage_class = "STANDARD_IA"
    }
  }
}

output "recovery" {
  description = "What is copied where: the value of the variable `recovery` of the stack prod; null without a recovery_region."
  value       = local.recovery
}
