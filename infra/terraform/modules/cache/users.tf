# A password of ElastiCache has no write-only argument in this provider, neither as the group's token nor as a user's:
# it would lie in the state for everyone who may read that. CloudFormation resolves it from the secret by itself, so the
# users are made by it. (IAM sign-in needs no password at all, but tokens signed anew by each client.)

locals {
  user_name     = "room"
  user_group_id = var.name
}

resource "aws_secretsmanager_secret" "password" {
  #checkov:skip=CKV2_AWS_57: it lives for a day, and changes with the environment
  name        = "${var.name}/cache-password"
  description = "The password of the Valkey user ${local.user_name}"
  kms_key_id  = var.key_arn

  # An environment goes completely; a waiting period would keep its name taken.
  recovery_window_in_days = 0

  tags = { Name = "${var.name}/cache-password" }
}

ephemeral "aws_secretsmanager_random_password" "this" {
  password_length     = 48
  exclude_punctuation = true # it stands in a URL
}

resource "aws_secretsmanager_secret_version" "password" {
  secret_id                = aws_secretsmanager_secret.password.id
  secret_string_wo         = ephemeral.aws_secretsmanager_random_password.this.random_password
  secret_string_wo_version = 1
}

resource "aws_cloudformation_stack" "users" {
  #checkov:skip=CKV_AWS_124: Terraform waits for it and tells
  name = "${var.name}-cache-users"

  template_body = jsonencode({
    AWSTemplateFormatVersion = "2010-09-09"
    Description              = "Who may sign in to the Valkey of ${var.name}"
    Resources = {
      User = {
        Type = "AWS::ElastiCache::User"
        Properties = {
          Engine             = "valkey"
          UserId             = "${var.name}-${local.user_name}"
          UserName           = local.user_name
          AccessString       = "on ~rooms ~room:* resetchannels +@all -@admin -@dangerous"
          AuthenticationMode = { Type = "password", Passwords = ["{{resolve:secretsmanager:${aws_secretsmanager_secret_version.password.arn}:SecretString}}"] }
        }
      }
      Group = {
        Type       = "AWS::ElastiCache::UserGroup"
        Properties = { Engine = "valkey", UserGroupId = local.user_group_id, UserIds = [{ Ref = "User" }] }
      }
    }
  })

  tags = { Name = "${var.name}-cache-users" }
}

# The address with the password in it, as gate and worker read it.
resource "aws_secretsmanager_secret" "url" {
  #checkov:skip=CKV2_AWS_57: it lives for a day, and changes with the environment
  name                    = "${var.name}/cache-url"
  description             = "The Valkey of ${var.name}: rediss://user:password@host:port/0"
  kms_key_id              = var.key_arn
  recovery_window_in_days = 0

  tags = { Name = "${var.name}/cache-url" }
}

# Read back and not taken from the ephemeral above: that is another one in each run, and a run may be a retry.
ephemeral "aws_secretsmanager_secret_version" "password" {
  secret_id = aws_secretsmanager_secret_version.password.secret_id
}

resource "aws_secretsmanager_secret_version" "url" {
  secret_id                = aws_secretsmanager_secret.url.id
  secret_string_wo_version = 1
  secret_string_wo = format(
    "rediss://%s:%s@%s:%d/0",
    local.user_name,
    ephemeral.aws_secretsmanager_secret_version.password.secret_string,
    aws_elasticache_replication_group.this.primary_endpoint_address,
    aws_elasticache_replication_group.this.port,
  )
}
