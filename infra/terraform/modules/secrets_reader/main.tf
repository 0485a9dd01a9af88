# External Secrets copies the secrets of the plane from Secrets Manager into the cluster. It reads those that are named
# here, and cannot list or change any.

data "aws_region" "this" {}

module "role" {
  source = "../pod_role"

  name            = "${var.cluster.name}-external-secrets"
  description     = "Copies the secrets of ${var.cluster.name} into the cluster"
  cluster         = var.cluster
  namespace       = "external-secrets"
  service_account = "external-secrets"
  policies        = { read = data.aws_iam_policy_document.read.json }
}

data "aws_iam_policy_document" "read" {
  #checkov:skip=CKV_AWS_108: these secrets are what the role is for
  statement {
    sid       = "Secrets"
    actions   = ["secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue"]
    resources = var.secret_arns
  }

  statement {
    sid       = "TheirKey"
    actions   = ["kms:Decrypt"]
    resources = [var.key_arn]

    condition {
      test     = "StringEquals"
      variable = "kms:ViaService"
      values   = ["secretsmanager.${data.aws_region.this.name}.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "kms:EncryptionContext:SecretARN"
      values   = var.secret_arns
    }
  }
}
