# `marketday aws keys` runs before the first apply, because that needs the public key: so the secrets of the keys exist already.
# Secrets that exist are taken over, also after a state was lost.

data "aws_secretsmanager_secrets" "made" {
  filter {
    name   = "name"
    values = ["${local.name}/"]
  }
}

locals {
  made = { for arn in data.aws_secretsmanager_secrets.made.arns : replace(arn, "/^.*:secret:|-[A-Za-z0-9]{6}$/", "") => arn }
}

import {
  for_each = { for key, secret in local.secrets : key => local.made[secret.name] if contains(keys(local.made), secret.name) }
  to       = aws_secretsmanager_secret.this[each.key]
  id       = each.value
}
