# If this group does not exist, DMS makes it itself, without tags, and it stays for ever.
resource "aws_cloudwatch_log_group" "tasks" {
  #checkov:skip=CKV_AWS_338: removed with the link; the receipt is kept
  #checkov:skip=CKV_AWS_158: encrypted with the caller's key if one is given
  name              = "dms-tasks-${var.name}"
  retention_in_days = 1
  kms_key_id        = var.kms_key_arn

  tags = { Name = "dms-tasks-${var.name}" }
}

resource "aws_dms_replication_subnet_group" "this" {
  replication_subnet_group_id          = var.name
  replication_subnet_group_description = "The subnets of the replication instance of ${var.name}"
  subnet_ids                           = var.subnet_ids

  tags = { Name = "${var.name}" }
}

resource "aws_dms_replication_instance" "this" {
  #checkov:skip=CKV_AWS_212: encrypted with the caller's key if one is given
  replication_instance_id     = var.name
  replication_instance_class  = var.instance.instance_class
  engine_version              = var.instance.engine_version
  allocated_storage           = var.instance.storage_gb
  kms_key_arn                 = var.kms_key_arn
  publicly_accessible         = false
  auto_minor_version_upgrade  = true
  replication_subnet_group_id = aws_dms_replication_subnet_group.this.id
  vpc_security_group_ids      = [var.security_group_id]

  # No standby: if the instance is lost, the window is opened again, and every copy is verified anyway.
  multi_az = false

  tags = { Name = "${var.name}" }

  depends_on = [aws_cloudwatch_log_group.tasks]
}

resource "aws_dms_certificate" "rds" {
  count = var.database_ca_pem == null ? 0 : 1

  certificate_id  = "${var.name}-rds"
  certificate_pem = var.database_ca_pem

  tags = { Name = "${var.name}-rds" }
}

resource "aws_dms_endpoint" "source" {
  #checkov:skip=CKV_AWS_296: encrypted with the caller's key if one is given
  endpoint_id                     = "${var.name}-source"
  endpoint_type                   = "source"
  engine_name                     = "postgres"
  database_name                   = var.source_database.name
  kms_key_arn                     = var.kms_key_arn
  ssl_mode                        = local.ssl_mode
  certificate_arn                 = one(aws_dms_certificate.rds[*].certificate_arn)
  secrets_manager_arn             = var.source_database.secret_arn
  secrets_manager_access_role_arn = aws_iam_role.secrets.arn

  postgres_settings {
    # Capturing DDL and writing heartbeats would both make objects in the drop's database, but prod only reads it.
    capture_ddls     = false
    heartbeat_enable = false
    plugin_name      = "test_decoding"

    # A value that does not fit ends the task: nothing is truncated silently.
    fail_tasks_on_lob_truncation = true
  }

  tags = { Name = "${var.name}-source" }

  depends_on = [aws_iam_role_policy.secrets]
}

resource "aws_dms_endpoint" "target" {
  #checkov:skip=CKV_AWS_296: encrypted with the caller's key if one is given
  endpoint_id                     = "${var.name}-target"
  endpoint_type                   = "target"
  engine_name                     = "postgres"
  database_name                   = var.target_database.name
  kms_key_arn                     = var.kms_key_arn
  ssl_mode                        = local.ssl_mode
  certificate_arn                 = one(aws_dms_certificate.rds[*].certificate_arn)
  secrets_manager_arn             = var.target_database.secret_arn
  secrets_manager_access_role_arn = aws_iam_role.secrets.arn

  tags = { Name = "${var.name}-target" }

  depends_on = [aws_iam_role_policy.secrets]
}

resource "aws_dms_replication_task" "this" {
  replication_task_id       = var.name
  replication_instance_arn  = aws_dms_replication_instance.this.replication_instance_arn
  source_endpoint_arn       = aws_dms_endpoint.source.endpoint_arn
  target_endpoint_arn       = aws_dms_endpoint.target.endpoint_arn
  migration_type            = "full-load-and-cdc"
  table_mappings            = jsonencode({ rules = local.rules })
  replication_task_settings = jsonencode(local.settings)

  # The hand-back starts it, after it has made the two roles and the empty tables.
  start_replication_task = false

  tags = { Name = "${var.name}" }

  lifecycle {
    # Checks AWS's answer and not only this file, in case somebody changed the task by hand.
    postcondition {
      condition     = jsondecode(self.replication_task_settings).FullLoadSettings.TargetTablePrepMode == "DO_NOTHING"
      error_message = "The task would prepare its target by ${jsondecode(self.replication_task_settings).FullLoadSettings.TargetTablePrepMode}; expected DO_NOTHING."
    }
  }
}
