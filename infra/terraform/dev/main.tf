# How changes reach the other two planes: Jenkins, its agents, SonarQube, and what GitHub's webhooks reach. Nothing of it has a
# public address but the load balancer, and nobody reaches that but the people of `people_cidrs` and GitHub.

data "aws_caller_identity" "this" {}
data "aws_partition" "this" {}

locals {
  account   = data.aws_caller_identity.this.account_id
  partition = data.aws_partition.this.partition
}

module "network" {
  source = "../modules/network"

  name               = var.name
  vpc_cidr           = var.vpc_cidr
  other_cidrs        = var.other_cidrs
  availability_zones = [for letter in var.zones : "${var.region}${letter}"]
  log_retention_days = var.log_retention_days
  logs_key_arn       = aws_kms_key.this.arn

  # Packages and GitHub are on the internet. Without its one NAT gateway nothing is built; nothing is sold here.
  nat                 = true
  one_nat             = true
  interface_endpoints = ["secretsmanager"]
}

module "jenkins" {
  source = "../modules/tool_server"

  name                = "${var.name}-jenkins"
  vpc_id              = module.network.vpc_id
  subnet_id           = module.network.app_subnet_ids[0]
  instance_type       = var.jenkins.instance_type
  disk_gb             = var.jenkins.disk_gb
  image               = var.image
  secret_arns         = [for name, secret in aws_secretsmanager_secret.by_hand : secret.arn if name != "sonarqube-saml"]
  policies            = [module.agents.policy]
  key_arn             = aws_kms_key.this.arn
  log_retention_days  = var.log_retention_days
  deletion_protection = var.deletion_protection

  user_data = templatefile("${path.module}/jenkins.yaml.tftpl", {
    name       = "${var.name}-jenkins"
    region     = var.region
    jenkins    = var.jenkins
    repository = var.repository
    settings   = local.jenkins_settings
    secrets    = { for name in ["oidc", "webhook"] : name => aws_secretsmanager_secret.by_hand[local.secret_names[name]].name }
    ports      = local.ports
  })
}

module "sonarqube" {
  source = "../modules/tool_server"

  name                = "${var.name}-sonarqube"
  vpc_id              = module.network.vpc_id
  subnet_id           = module.network.app_subnet_ids[0]
  instance_type       = var.sonarqube.instance_type
  disk_gb             = var.sonarqube.disk_gb
  image               = var.image
  secret_arns         = [module.database.password_secret_arn, aws_secretsmanager_secret.by_hand["sonarqube-saml"].arn]
  key_arn             = aws_kms_key.this.arn
  log_retention_days  = var.log_retention_days
  deletion_protection = var.deletion_protection

  user_data = templatefile("${path.module}/sonarqube.yaml.tftpl", {
    name      = "${var.name}-sonarqube"
    region    = var.region
    sonarqube = var.sonarqube
    url       = "https://${var.hostnames.sonarqube}"
    database  = merge(module.database.server, { owner = local.database_owner })
    secrets   = { password = local.password_name, saml = aws_secretsmanager_secret.by_hand["sonarqube-saml"].name }
    port      = local.ports.sonarqube
  })
}
