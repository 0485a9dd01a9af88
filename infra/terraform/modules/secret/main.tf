resource "aws_secretsmanager_secret" "this" {
  #checkov:skip=CKV2_AWS_57: those who sign in with it read it when they start, so it changes only when the caller changes its version
  name        = var.name
  description = var.description
  kms_key_id  = var.key_arn

  # An environment is removed completely; in a waiting period the name would stay in use, and count as left over.
  recovery_window_in_days = var.recovery_days

  tags = { Name = var.name }
}

ephemeral "aws_secretsmanager_random_password" "new" {
  count = var.password_of == null ? 1 : 0

  password_length     = var.hexadecimal ? 64 : 48
  exclude_punctuation = true # it may be part of a URL
  exclude_uppercase   = var.hexadecimal
  exclude_characters  = var.hexadecimal ? "ghijklmnopqrstuvwxyz" : null
}

# The other secret's password is read from where it is stored: the random password above is new in each run, and a run may be a
# retry.
ephemeral "aws_secretsmanager_secret_version" "other" {
  count = var.password_of == null ? 0 : 1

  secret_id = var.password_of.arn
}

# The password is in neither plan nor state.
resource "aws_secretsmanager_secret_version" "this" {
  secret_id                = aws_secretsmanager_secret.this.id
  secret_string_wo_version = var.password_version
  secret_string_wo = format(
    var.form,
    var.password_of == null
    ? ephemeral.aws_secretsmanager_random_password.new[0].random_password
    : ephemeral.aws_secretsmanager_secret_version.other[0].secret_string,
  )
}
