# Empty secrets: their values are stored by hand, so that no state and no plan contains them.

locals {
  repository_secrets = var.repository.private ? {
    repository = { name = "${local.name}/repository/token", holds = "Token that may read the repository of build hosts, and nothing else" }
  } : {}

  secrets = merge(local.repository_secrets, {
    ssh      = { name = "${local.name}/build-host/ssh", holds = "SSH key of the lifecycle (private half), and the build host's public host key, which it pins" }
    host_key = { name = "${local.name}/build-host/host-key", holds = "SSH host key of the build host (private half)" }
    slack    = { name = "${local.name}/slack/webhook", holds = "Incoming webhook of Slack" }
  })

  hosts = values(module.builder.role_arns)
  readers = merge({ for key in keys(local.repository_secrets) : key => local.hosts }, {
    ssh      = [module.lifecycle.role_arns.shell]
    host_key = local.hosts
    slack    = concat([module.lifecycle.role_arns.lifecycle], [for prod in var.prod[*] : prod.controller.role_arn if try(prod.controller.role_arn, null) != null])
  })
}

resource "aws_secretsmanager_secret" "this" {
  #checkov:skip=CKV2_AWS_57: two key pairs and an address of Slack: changed by hand, on both sides at once
  for_each = local.secrets

  name                    = each.value.name
  description             = each.value.holds
  kms_key_id              = aws_kms_key.this.arn
  recovery_window_in_days = var.deletion_protection ? 30 : 0

  dynamic "replica" {
    for_each = local.recovery[*]

    content {
      region     = replica.value.region
      kms_key_id = replica.value.kms_key_arn
    }
  }

  tags = { Name = each.value.name }
}

# Other roles cannot read it, even with a broad policy.
data "aws_iam_policy_document" "reader" {
  for_each = local.readers

  statement {
    sid       = "OnlyItsReaders"
    effect    = "Deny"
    actions   = ["secretsmanager:GetSecretValue", "secretsmanager:BatchGetSecretValue"]
    resources = ["*"] # in a secret's policy this is that secret

    principals {
      type        = "*"
      identifiers = ["*"]
    }

    condition {
      test     = "ArnNotEquals"
      variable = "aws:PrincipalArn"
      values   = each.value
    }
  }
}

resource "aws_secretsmanager_secret_policy" "this" {
  for_each = local.readers

  secret_arn = aws_secretsmanager_secret.this[each.key].arn
  policy     = data.aws_iam_policy_document.reader[each.key].json
}
