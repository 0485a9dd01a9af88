# Without punctuation: DMS refuses some of it in a password.
ephemeral "aws_secretsmanager_random_password" "this" {
  password_length     = 48
  exclude_punctuation = true
}

resource "aws_secretsmanager_secret" "this" {
  #checkov:skip=CKV_AWS_149: encrypted with the caller's key if one is given
  #checkov:skip=CKV2_AWS_57: exists for one window, and the next one gets a new secret: there is nothing to rotate
  name        = var.name
  description = "The hand-back's credential in one database, for one window"
  kms_key_id  = var.kms_key_arn

  # Deleted at once: a secret that waits for deletion would block its name for the next window, and count as left over.
  recovery_window_in_days = 0

  tags = { Name = var.name }
}

# The password is in neither plan nor state.
resource "aws_secretsmanager_secret_version" "this" {
  secret_id                = aws_secretsmanager_secret.this.id
  secret_string_wo_version = 1
  secret_string_wo = jsonencode({
    username = var.username
    password = ephemeral.aws_secretsmanager_random_password.this.random_password
    host     = var.database.host
    port     = var.database.port
    dbname   = var.database.name
  })
}
