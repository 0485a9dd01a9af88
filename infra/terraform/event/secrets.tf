# The passwords of the environment's own roles are made in it, and go from Secrets Manager to Secrets Manager: none
# stands in a variable, a plan or the state. The first container of the store's task makes the roles with them.

locals {
  secrets = {
    store-database-url  = "The database as the role store"
    worker-database-url = "The database as the role worker"
    admission-key       = "Signs admissions: 32 bytes in hexadecimal"
  }
}

resource "aws_secretsmanager_secret" "this" {
  #checkov:skip=CKV2_AWS_57: it lives for a day, and changes with the environment
  for_each = local.secrets

  name        = "${local.name}/${each.key}"
  description = each.value
  kms_key_id  = aws_kms_key.this.arn

  # An environment goes completely; a waiting period would keep its name taken.
  recovery_window_in_days = 0

  tags = { Name = "${local.name}/${each.key}" }
}

ephemeral "aws_secretsmanager_random_password" "role" {
  for_each = toset(["store", "worker"])

  password_length     = 48
  exclude_punctuation = true # it stands in a URL
}

resource "aws_secretsmanager_secret_version" "database_url" {
  for_each = toset(["store", "worker"])

  secret_id                = aws_secretsmanager_secret.this["${each.key}-database-url"].id
  secret_string_wo_version = 1
  secret_string_wo = format(
    "postgresql://%s:%s@%s:%d/%s?sslmode=require",
    each.key,
    ephemeral.aws_secretsmanager_random_password.role[each.key].random_password,
    module.database.host,
    module.database.port,
    module.database.name,
  )
}

ephemeral "aws_secretsmanager_random_password" "admission_key" {
  password_length     = 64
  exclude_punctuation = true
  exclude_uppercase   = true
  exclude_characters  = "ghijklmnopqrstuvwxyz"
}

resource "aws_secretsmanager_secret_version" "admission_key" {
  secret_id                = aws_secretsmanager_secret.this["admission-key"].id
  secret_string_wo         = ephemeral.aws_secretsmanager_random_password.admission_key.random_password
  secret_string_wo_version = 1
}
