resource "aws_db_subnet_group" "this" {
  name        = var.name
  description = "The database subnets of ${var.name}"
  subnet_ids  = var.subnet_ids

  tags = { Name = var.name }
}

resource "aws_db_parameter_group" "this" {
  name        = var.name
  family      = "postgres${split(".", var.engine_version)[0]}"
  description = "TLS forced, logical replication for the hand-back"

  parameter {
    name         = "rds.force_ssl"
    value        = "1"
    apply_method = "pending-reboot"
  }

  parameter {
    name         = "rds.logical_replication"
    value        = "1"
    apply_method = "pending-reboot"
  }

  # A hand-back that stops must not fill the disk of the sale: a hand-back can be repeated, the sale cannot.
  parameter {
    name         = "max_slot_wal_keep_size"
    value        = tostring(floor(var.size.storage_gb * 1024 / 4))
    apply_method = "pending-reboot"
  }

  parameter {
    name         = "log_min_duration_statement"
    value        = "500"
    apply_method = "pending-reboot"
  }

  # Statements that make roles contain the verifiers of their passwords.
  parameter {
    name         = "log_statement"
    value        = "none"
    apply_method = "pending-reboot"
  }

  tags = { Name = var.name }
}

# Otherwise RDS makes this group itself, without a retention limit, and never removes it.
resource "aws_cloudwatch_log_group" "this" {
  #checkov:skip=CKV_AWS_338: the log is of one drop; the variable log_retention_days sets how long it is kept
  name              = "/aws/rds/instance/${var.name}/postgresql"
  retention_in_days = var.log_retention_days
  kms_key_id        = var.key_arn

  tags = { Name = "/aws/rds/instance/${var.name}/postgresql" }
}

resource "aws_db_instance" "this" {
  #checkov:skip=CKV_AWS_161: the services sign in as roles of their own, by SCRAM over TLS
  #checkov:skip=CKV_AWS_118: enhanced monitoring writes to a log group of the whole account, which would stay after the drop
  #checkov:skip=CKV_AWS_293: an environment is removed by its lifecycle, which checks the receipt first
  identifier     = var.name
  engine         = "postgres"
  engine_version = var.engine_version
  instance_class = var.size.instance_class
  db_name        = "marketday"
  port           = 5432

  username                      = "marketday_owner"
  manage_master_user_password   = true
  master_user_secret_kms_key_id = var.key_arn

  storage_type      = "gp3"
  allocated_storage = var.size.storage_gb
  storage_encrypted = true
  kms_key_id        = var.key_arn

  multi_az               = true
  publicly_accessible    = false
  db_subnet_group_name   = aws_db_subnet_group.this.name
  vpc_security_group_ids = [var.security_group_id]
  parameter_group_name   = aws_db_parameter_group.this.name

  performance_insights_enabled          = true
  performance_insights_kms_key_id       = var.key_arn
  performance_insights_retention_period = 7
  enabled_cloudwatch_logs_exports       = ["postgresql"]

  auto_minor_version_upgrade = true
  apply_immediately          = true
  copy_tags_to_snapshot      = true
  backup_retention_period    = var.backup_days

  # RDS keeps the backups of the removed database for these days, and then removes them itself: until then any second of the drop can be
  # restored. A snapshot would have no end of its own.
  skip_final_snapshot      = true
  delete_automated_backups = false
  deletion_protection      = var.deletion_protection

  tags = { Name = var.name }

  depends_on = [aws_cloudwatch_log_group.this]
}
