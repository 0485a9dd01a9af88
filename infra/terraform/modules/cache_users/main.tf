# This provider has no write-only argument for a password of ElastiCache, neither for a replication group's token nor for a user's:
# the password would be in the state, for everyone who may read it. CloudFormation reads it from the secret itself, so it
# makes the users. (Signing in by IAM needs no password, but each client would have to sign a new token each time.)

module "password" {
  source = "../secret"

  name          = "${var.name}/cache-password"
  description   = "The password of the Valkey user ${var.user.name}"
  key_arn       = var.key_arn
  recovery_days = var.recovery_days
}

resource "aws_cloudformation_stack" "users" {
  #checkov:skip=CKV_AWS_124: Terraform waits for it and reports
  name = "${var.name}-cache-users"

  template_body = jsonencode({
    AWSTemplateFormatVersion = "2010-09-09"
    Description              = "Who may sign in to the Valkey of ${var.name}"
    Resources = {
      User = {
        Type = "AWS::ElastiCache::User"
        Properties = {
          Engine             = "valkey"
          UserId             = "${var.name}-${var.user.name}"
          UserName           = var.user.name
          AccessString       = "on ${var.user.keys} resetchannels +@all -@admin -@dangerous +info" # INFO says whether it was started again
          AuthenticationMode = { Type = "password", Passwords = ["{{resolve:secretsmanager:${module.password.arn}:SecretString}}"] }
        }
      }
      Group = {
        Type       = "AWS::ElastiCache::UserGroup"
        Properties = { Engine = "valkey", UserGroupId = var.name, UserIds = [{ Ref = "User" }] }
      }
    }
  })

  tags = { Name = "${var.name}-cache-users" }
}
