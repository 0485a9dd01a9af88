# The ids of Jenkins' credentials (infra/jenkins) are the names of these secrets: Jenkins reads them itself. Stored by hand, so that no
# plan and no state has them.

locals {
  database_owner = "sonarqube"
  password_name  = "${var.name}/database-password"
  recovery_days  = var.deletion_protection ? 30 : 0
  secret_names   = { oidc = "jenkins-oidc", webhook = "github-webhook-secret" }

  # By the kind that Jenkins makes of each; empty: not a credential of Jenkins.
  by_hand = {
    jenkins-oidc          = { kind = "", description = "Client of the single sign-on: JSON with client_id and client_secret" }
    sonarqube-saml        = { kind = "", description = "Lines of sonar.properties that begin with sonar.auth.saml" }
    github-webhook-secret = { kind = "string", description = "The secret with which GitHub signs webhooks" }
    github-app            = { kind = "githubApp", description = "Private key of the GitHub App that reads the repository" }
    jenkins-agent-key     = { kind = "sshUserPrivateKey", description = "Private half of agent_public_key" }
    sonar-token           = { kind = "string", description = "Token of the pipeline at SonarQube" }
    delivery-signing-key  = { kind = "file", description = "Key that signs the digests of images" }
    deployment-repository = { kind = "usernamePassword", description = "Token that writes into the deployment repository" }
    slack-webhook         = { kind = "string", description = "Address of Slack's webhook" }
  }
}

resource "aws_secretsmanager_secret" "by_hand" {
  #checkov:skip=CKV2_AWS_57: keys that others must learn of: changed by hand, on both sides at once
  for_each = local.by_hand

  name                    = each.key
  description             = each.value.description
  kms_key_id              = aws_kms_key.this.arn
  recovery_window_in_days = local.recovery_days

  tags = merge({ Name = each.key }, each.value.kind == "" ? {} : { "jenkins:credentials:type" = each.value.kind })
}

module "database" {
  source = "../modules/sonarqube_database"

  name                = var.name
  password_name       = local.password_name
  password_version    = var.database_password_version
  owner               = local.database_owner
  vpc_id              = module.network.vpc_id
  subnet_ids          = module.network.database_subnet_ids
  engine_version      = var.engine_version
  size                = var.database
  key_arn             = aws_kms_key.this.arn
  log_retention_days  = var.log_retention_days
  deletion_protection = var.deletion_protection
  skip_final_snapshot = var.skip_final_snapshot
}
