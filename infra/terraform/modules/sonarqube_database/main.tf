# SonarQube's database, and the secret with its password.

module "password" {
  source = "../secret"

  name             = var.password_name
  description      = "The password of SonarQube's database"
  key_arn          = var.key_arn
  recovery_days    = var.deletion_protection ? 30 : 0
  password_version = var.password_version
}

# What is stored, so that a retry finds the same.
ephemeral "aws_secretsmanager_secret_version" "password" {
  secret_id = module.password.arn
}

module "database" {
  source = "../mall_database"

  name                = var.name
  database            = "sonarqube"
  multi_az            = false # analyses wait; a backup of each second is kept for seven days
  vpc_id              = var.vpc_id
  subnet_ids          = var.subnet_ids
  engine_version      = var.engine_version
  size                = var.size
  owner               = var.owner
  password            = ephemeral.aws_secretsmanager_secret_version.password.secret_string
  password_version    = var.password_version
  key_arn             = var.key_arn
  log_retention_days  = var.log_retention_days
  deletion_protection = var.deletion_protection
  skip_final_snapshot = var.skip_final_snapshot
}
