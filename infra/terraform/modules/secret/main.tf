resource "aws_secretsmanager_secret" "this" {
  #checkov:skip=CKV2_AWS_57: it lives for a day, and changes with the environment
  name        = var.name
  description = var.description
  kms_key_id  = var.key_arn

  # An environment goes completely; a waiting period would keep the name taken, and count as left over.
  recovery_window_in_days = 0

  tags = { Name = var.name }
}

ephemeral "aws_secretsmanager_random_password" "new" {
  count = var.password_of == null ? 1 : 0

  password_length     = var.hexadecimal ? 64 : 48
  exclude_punctuation = true # it may stand in a URL
  exclude_uppercase   = var.hexadecimal
  exclude_characters  = var.hexadecimal ? "ghijklmnopqrstuvwxyz" : null
}

# Read back, since a new one would be another in each run, and a run may be a retry.
ephemeral "aws_secretsmanager_secret_version" "other" {
  count = var.password_of == null ? 0 : 1

  secret_id = var.password_of.arn
}

# Neither plan nor state ever holds it.
resource "aws_secretsmanager_secret_version" "this" {
  secret_id                = aws_secretsmanager_secret.this.id
  secret_string_wo_version = 1
  secret_string_wo = format(
    var.form,
    var.password_of == null
    ? ephemeral.aws_secretsmanager_random_password.new[0].random_password
    : ephemeral.aws_secretsmanager_secret_version.other[0].secret_string,
  )
}
