module "database" {
  source = "../modules/database"

  name                = local.name
  subnet_ids          = module.network.database_subnet_ids
  security_group_id   = module.security_groups.ids["database"]
  engine_version      = var.database_version
  size                = var.sizes.database
  key_arn             = aws_kms_key.this.arn
  log_retention_days  = var.log_retention_days
  deletion_protection = var.deletion_protection
}

module "cache_users" {
  source = "../modules/cache_users"

  name    = local.name
  key_arn = aws_kms_key.this.arn
}

module "cache" {
  source = "../modules/cache"

  name              = local.name
  subnet_ids        = module.network.database_subnet_ids
  security_group_id = module.security_groups.ids["cache"]
  size              = var.sizes.cache
  key_arn           = aws_kms_key.this.arn
  user_group_id     = module.cache_users.user_group_id
}

module "activity" {
  source = "../modules/activity"

  name                     = local.name
  shards                   = var.sizes.stream_shards
  first_day                = formatdate("YYYY-MM-DD", timeadd(var.room_opens_at, "-72h"))
  key_arn                  = aws_kms_key.this.arn
  expire_days              = var.log_retention_days
  evidence_bucket          = var.evidence_bucket
  permissions_boundary_arn = var.permissions_boundary_arn
}

# A few minutes behind. The copy stays for its days after the environment is removed, as the backups themselves do.
resource "aws_db_instance_automated_backups_replication" "database" {
  count    = var.recovery == null ? 0 : 1
  provider = aws.recovery

  source_db_instance_arn = module.database.arn
  kms_key_id             = var.recovery.kms_key_arn
  retention_period       = var.recovery.backup_days
}
