# The secrets of the plane. External Secrets copies them into the cluster.

locals {
  database_owner = "mall_owner"
  recovery_days  = var.deletion_protection ? 30 : 0

  # Stored by hand, so that no plan and no state has them.
  by_hand = {
    signing-key = "The mall's private key, a JWK: signs identities and receipts"
    gateway-key = "The key of the mall at the payment gateway, as JSON with the member key"

    # Of Argo CD (infra/argocd/base/secrets.yaml).
    deployment-repository = "The SSH key by which Argo CD reads the deployment repository, as JSON with the member sshPrivateKey"
    argocd-sign-in        = "Argo CD's client at single sign-on, as JSON with the member client-secret"
    argocd-slack          = "The token by which Argo CD tells Slack, as JSON with the member slack-token"
  }

  secret_arns = merge(
    { database = module.database_secret.arn, cache = module.cache_url.arn },
    { for name, secret in aws_secretsmanager_secret.by_hand : name => secret.arn },
  )
}

# RDS could keep this password itself, and would then change it every week: pods that read it when they start could no
# longer sign in. It changes when database_password_version grows; then the pods are started again.
module "database_password" {
  source = "../modules/secret"

  name             = "${var.name}/database-password"
  description      = "The password of the owner of the mall's database"
  key_arn          = aws_kms_key.this.arn
  recovery_days    = local.recovery_days
  password_version = var.database_password_version
}

module "database_secret" {
  source = "../modules/secret"

  name             = "${var.name}/database"
  description      = "The owner of the mall's database: JSON with username and password"
  key_arn          = aws_kms_key.this.arn
  form             = jsonencode({ username : local.database_owner, password : "%s" })
  password_of      = { arn = module.database_password.arn }
  recovery_days    = local.recovery_days
  password_version = var.database_password_version
}

module "cache_url" {
  source = "../modules/secret"

  name          = "${var.name}/cache"
  description   = "The mall's Valkey: JSON with the member url"
  key_arn       = aws_kms_key.this.arn
  form          = jsonencode({ url = "rediss://${module.cache_users.user_name}:%s@${module.cache.host}:${module.cache.port}/0" })
  password_of   = { arn = module.cache_users.password_secret_arn }
  recovery_days = local.recovery_days
}

resource "aws_secretsmanager_secret" "by_hand" {
  #checkov:skip=CKV2_AWS_57: keys that others must learn of: changed by hand, on both sides at once
  for_each = local.by_hand

  name                    = "${var.name}/${each.key}"
  description             = each.value
  kms_key_id              = aws_kms_key.this.arn
  recovery_window_in_days = local.recovery_days

  dynamic "replica" {
    for_each = var.recovery[*]

    content {
      region     = replica.value.region
      kms_key_id = replica.value.kms_key_arn
    }
  }

  tags = { Name = "${var.name}/${each.key}" }
}
