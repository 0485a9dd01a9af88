module "balancer" {
  source = "../modules/dev_balancer"

  name                = var.name
  vpc_id              = module.network.vpc_id
  subnet_ids          = module.network.public_subnet_ids
  hostnames           = var.hostnames
  people_cidrs        = var.people_cidrs
  github_cidrs        = var.github_cidrs
  certificate_arn     = var.certificate_arn
  zone_id             = var.zone_id
  log_retention_days  = var.log_retention_days
  deletion_protection = var.deletion_protection

  targets = {
    jenkins   = { instance = module.jenkins.instance.id, port = local.ports.jenkins }
    sonarqube = { instance = module.sonarqube.instance.id, port = local.ports.sonarqube }
    webhook   = { instance = module.jenkins.instance.id, port = local.ports.webhook }
  }
}

module "hours" {
  source = "../modules/working_hours"

  name     = var.name
  machines = [for machine in [module.jenkins.instance, module.sonarqube.instance] : { id = machine.id, arn = machine.arn }]
  database = module.database.identifier
  key_arn  = aws_kms_key.this.arn
  hours    = var.working_hours
}
