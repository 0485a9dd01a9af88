# The passwords and keys between the services of an environment are made here and stored only in Secrets Manager: none of
# them is in a variable, a plan or the state. The first container of the store's task makes the database's roles with these
# passwords.

module "database_url" {
  source   = "../modules/secret"
  for_each = toset(["store", "worker"])

  name        = "${local.name}/${each.key}-database-url"
  description = "The drop database as the role ${each.key}, as a URL"
  key_arn     = aws_kms_key.this.arn
  form        = "postgresql://${each.key}:%s@${module.database.host}:${module.database.port}/${module.database.name}?${local.database_tls}"
}

module "cache_url" {
  source = "../modules/secret"

  name        = "${local.name}/cache-url"
  description = "Valkey as its one user, as a URL"
  key_arn     = aws_kms_key.this.arn
  form        = "rediss://${module.cache_users.user_name}:%s@${module.cache.host}:${module.cache.port}/0"
  password_of = { arn = module.cache_users.password_secret_arn }
}

module "admission_key" {
  source = "../modules/secret"

  name        = "${local.name}/admission-key"
  description = "Signs admissions: 32 bytes in hexadecimal"
  key_arn     = aws_kms_key.this.arn
  hexadecimal = true
}
