module "agents" {
  source = "../modules/build_agents"

  name          = var.name
  vpc_id        = module.network.vpc_id
  subnet_ids    = module.network.app_subnet_ids
  image         = var.agents.image
  instance_type = var.agents.instance_type
  public_key    = var.agent_public_key
  cluster       = var.cluster
}

locals {
  # What infra/jenkins/jenkins.yaml takes from its process; a test compares the names. OIDC_CLIENT_ID and OIDC_CLIENT_SECRET come from
  # their secret, when the machine starts.
  jenkins_settings = {
    AGENT_IMAGE            = var.agents.image
    AGENT_PROFILE          = module.agents.instance_profile_arn
    AGENT_SECURITY_GROUP   = module.agents.security_group.name
    AGENT_SUBNETS          = join(" ", module.network.app_subnet_ids)
    AGENT_TYPE             = var.agents.instance_type
    AWS_REGION             = var.region
    DELIVERY_BASE          = var.delivery.base
    DELIVERY_REGISTRY      = "${local.account}.dkr.ecr.${var.region}.amazonaws.com"
    DELIVERY_REPOSITORY    = var.delivery.repository
    DELIVERY_SMOKE_URL     = var.delivery.smoke_url
    GITHUB_OWNER           = var.repository.owner
    GITHUB_REPOSITORY      = var.repository.name
    JENKINS_URL            = "https://${var.hostnames.jenkins}/"
    OIDC_CONFIGURATION_URL = var.sign_in.configuration_url
    OIDC_DEVELOPERS        = var.sign_in.developers
    OIDC_OPERATORS         = var.sign_in.operators
    SONAR_HOST_URL         = "http://${module.sonarqube.instance.address}:${local.ports.sonarqube}"
  }
}
