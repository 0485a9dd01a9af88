# What is stored, so that a retry finds the same.
ephemeral "aws_secretsmanager_secret_version" "database_password" {
  secret_id = module.database_password.arn
}

module "database" {
  source = "../modules/mall_database"

  name                = var.name
  vpc_id              = module.network.vpc_id
  subnet_ids          = module.network.database_subnet_ids
  engine_version      = var.engine_version
  size                = var.database
  owner               = local.database_owner
  password            = ephemeral.aws_secretsmanager_secret_version.database_password.secret_string
  password_version    = var.database_password_version
  key_arn             = aws_kms_key.this.arn
  restore_from        = var.restore_from
  log_retention_days  = var.log_retention_days
  deletion_protection = var.deletion_protection
  skip_final_snapshot = var.skip_final_snapshot
}

module "dms_roles" {
  source = "../modules/dms_roles"
  count  = var.dms_service_roles_exist ? 0 : 1
}

# The mall's Valkey: failed sign-ins are counted there.

resource "aws_security_group" "cache" {
  #checkov:skip=CKV2_AWS_5: the cache below uses it
  name        = "${var.name}-cache"
  description = "The cache of ${var.name}"
  vpc_id      = module.network.vpc_id

  tags = { Name = "${var.name}-cache" }
}

module "cache_users" {
  source = "../modules/cache_users"

  name          = var.name
  key_arn       = aws_kms_key.this.arn
  user          = { name = "mall", keys = "~mall:*" }
  recovery_days = local.recovery_days
}

module "cache" {
  source = "../modules/cache"

  name              = var.name
  subnet_ids        = module.network.database_subnet_ids
  security_group_id = aws_security_group.cache.id
  size              = var.cache
  key_arn           = aws_kms_key.this.arn
  user_group_id     = module.cache_users.user_group_id
  purpose           = "The mall's failed sign-ins"
}

# RDS copies the snapshots of each day and the log of every few minutes: the copy is some minutes behind.
resource "aws_db_instance_automated_backups_replication" "database" {
  count    = var.recovery == null ? 0 : 1
  provider = aws.recovery

  source_db_instance_arn = module.database.arn
  kms_key_id             = var.recovery.kms_key_arn
  retention_period       = var.recovery.backup_days
}
