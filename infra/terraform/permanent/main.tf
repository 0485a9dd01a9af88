# What always exists and costs almost nothing without visitors: the stores of images, states and runs, the edge,
# and the lifecycle that builds and removes event environments by itself.

data "aws_caller_identity" "this" {}
data "aws_partition" "this" {}

locals {
  name      = "marketday"
  tags      = { "marketday:stack" = "permanent" }
  account   = data.aws_caller_identity.this.account_id
  partition = data.aws_partition.this.partition
  host_name = "${local.name}-build-host"
  zone_id   = var.zone.id == null ? one(aws_route53_zone.this[*].zone_id) : var.zone.id
}

module "registry" {
  source = "../modules/registry"

  replica_region = var.replica_region
  force_delete   = !var.deletion_protection
}

module "registry_replica" {
  source    = "../modules/registry"
  providers = { aws = aws.replica }

  replica_region = var.region
  force_delete   = !var.deletion_protection
}

resource "aws_route53_zone" "this" {
  #checkov:skip=CKV2_AWS_38: signing a zone has to be set up with its registrar by hand; it then needs a key in us-east-1
  #checkov:skip=CKV2_AWS_39: DNS queries for a public page show nothing that is not in the edge's log
  count = var.zone.id == null ? 1 : 0

  name    = var.zone.name
  comment = "Event plane of Marketday"

  tags = { Name = var.zone.name }
}

module "edge" {
  source    = "../modules/edge"
  providers = { aws = aws, aws.us_east_1 = aws.us_east_1 }

  name           = "${local.name}-edge"
  hostname       = var.hostname
  zone_id        = local.zone_id
  firewall       = var.edge_firewall && var.edge_web_acl_arn == null
  web_acl_arn    = var.edge_web_acl_arn
  holding_bucket = "${local.name}-holding-${local.account}-${var.region}"
  logs_bucket    = { name = module.logs.name, arn = module.logs.arn }
  force_destroy  = !var.deletion_protection
}

module "builder" {
  source = "../modules/builder"

  name                = local.name
  state_bucket_arn    = module.state.arn
  kms_key_arn         = aws_kms_key.this.arn
  host_secret_arns    = [for key in keys(local.secrets) : aws_secretsmanager_secret.this[key].arn if contains(["host_key", "repository"], key)]
  key_value_store_arn = module.edge.key_value_store_arn
  certificate_arn     = module.edge.certificate_arn
  repository_arns     = values(module.registry.repository_arns)
  evidence_bucket_arn = "arn:${local.partition}:s3:::${local.logs_bucket}" # by name: its policy names this module's roles
  prod                = var.prod
  recovery            = local.recovery
}

module "build_host" {
  source = "../modules/build_host"

  name               = local.host_name
  vpc_cidr           = var.build_host_vpc_cidr
  availability_zones = var.build_host_availability_zones
  instance_types     = var.build_host_instance_types
  public_key         = var.build_host_public_key
  instance_profiles  = module.builder.instance_profiles
  host_key_secret    = aws_secretsmanager_secret.this["host_key"].name
  provider_mirror    = "s3://${module.state.name}/providers"
  repository_url     = var.repository.url
  repository_secret  = var.repository.private ? aws_secretsmanager_secret.this["repository"].name : null
  terraform_version  = var.terraform_version
  kms_key_arn        = aws_kms_key.this.arn
  log_retention_days = var.log_retention_days
}

module "lifecycle" {
  source = "../modules/lifecycle"

  name               = local.name
  package            = var.lambda_package
  kms_key_arn        = aws_kms_key.this.arn
  log_retention_days = var.log_retention_days
  alarm_topic_arn    = aws_sns_topic.alarms.arn
  host               = var.host
  language           = var.language
  repository         = { url = var.repository.url, commit = var.repository.commit }
  run_table          = { name = aws_dynamodb_table.runs.name, arn = aws_dynamodb_table.runs.arn }
  state_bucket       = { name = module.state.name, arn = module.state.arn }
  secrets            = { for key in ["slack", "ssh"] : key => { name = aws_secretsmanager_secret.this[key].name, arn = aws_secretsmanager_secret.this[key].arn } }

  parameters = {
    stack    = { name = aws_ssm_parameter.stack.name, arn = aws_ssm_parameter.stack.arn }
    receipts = { name = aws_ssm_parameter.receipts.name, arn = aws_ssm_parameter.receipts.arn }
  }

  build_host = {
    name                    = local.host_name
    role_arns               = module.builder.role_arns
    launch_templates        = module.build_host.launch_templates
    instance_profiles       = module.builder.instance_profiles
    instance_types          = var.build_host_instance_types
    subnet_arns             = module.build_host.subnet_arns
    host_security_group_arn = module.build_host.host_security_group_arn
    shell_subnet_id         = module.build_host.shell_subnet_id
    shell_security_group_id = module.build_host.shell_security_group_id
  }
}
