# A database that stays: of the mall, or of SonarQube.

# Nobody can connect by default: the mall's own services and, for a window, the link add their own rules.
resource "aws_security_group" "database" {
  #checkov:skip=CKV2_AWS_5: the database below uses it
  name        = "${var.name}-database"
  description = "The database of ${var.name}"
  vpc_id      = var.vpc_id

  tags = { Name = "${var.name}-database" }
}

resource "aws_db_subnet_group" "this" {
  name        = var.name
  description = "The database subnets of ${var.name}"
  subnet_ids  = var.subnet_ids

  tags = { Name = var.name }
}

resource "aws_db_parameter_group" "this" {
  name        = "${var.name}-postgres${split(".", var.engine_version)[0]}"
  family      = "postgres${split(".", var.engine_version)[0]}"
  description = "TLS forced, logical replication allowed"

  parameter {
    name  = "rds.force_ssl"
    value = "1"
  }

  parameter {
    name         = "rds.logical_replication"
    value        = "1"
    apply_method = "pending-reboot"
  }

  # Only slow statements are logged: a statement that makes a role contains the verifier of its password.
  parameter {
    name  = "log_min_duration_statement"
    value = "500"
  }

  parameter {
    name  = "log_statement"
    value = "none"
  }

  tags = { Name = var.name }

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_db_instance" "this" {
  #checkov:skip=CKV_AWS_157: the mall's has a second zone; SonarQube's has none, because analyses can wait
  #checkov:skip=CKV_AWS_161: services sign in as roles of their own, by SCRAM over TLS
  identifier     = var.name
  engine         = "postgres"
  engine_version = var.engine_version
  instance_class = var.size.instance_class
  db_name        = var.database
  port           = 5432

  username            = var.owner
  password_wo         = var.password
  password_wo_version = var.password_version

  storage_type          = "gp3"
  allocated_storage     = var.size.storage_gb
  max_allocated_storage = var.size.max_storage_gb
  storage_encrypted     = true
  kms_key_id            = try(var.restore_from.kms_key_arn, var.key_arn) # RDS restores with the key of what it restores

  snapshot_identifier = try(var.restore_from.snapshot_arn, null)

  dynamic "restore_to_point_in_time" {
    for_each = compact([try(var.restore_from.backups_arn, null)])

    content {
      source_db_instance_automated_backups_arn = restore_to_point_in_time.value
      use_latest_restorable_time               = true
    }
  }

  multi_az               = var.multi_az
  publicly_accessible    = false
  db_subnet_group_name   = aws_db_subnet_group.this.name
  vpc_security_group_ids = [aws_security_group.database.id]
  parameter_group_name   = aws_db_parameter_group.this.name

  performance_insights_enabled          = true
  performance_insights_kms_key_id       = var.key_arn
  performance_insights_retention_period = 7
  enabled_cloudwatch_logs_exports       = ["postgresql", "upgrade"]
  monitoring_interval                   = 60
  monitoring_role_arn                   = aws_iam_role.monitoring.arn

  auto_minor_version_upgrade = true
  copy_tags_to_snapshot      = true
  backup_retention_period    = 7
  deletion_protection        = var.deletion_protection
  skip_final_snapshot        = var.skip_final_snapshot
  final_snapshot_identifier  = "${var.name}-final-${substr(var.vpc_id, -8, 8)}" # a new name each time the database is made

  tags = { Name = var.name }

  # What it was made from is gone after some days, and says nothing about the database of today.
  lifecycle {
    ignore_changes = [snapshot_identifier, restore_to_point_in_time]
  }

  depends_on = [aws_cloudwatch_log_group.database, aws_iam_role_policy_attachment.monitoring]
}
