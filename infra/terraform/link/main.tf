locals {
  environment_hex = replace(var.environment_id, "-", "")
  name            = "md-${substr(local.environment_hex, 24, 8)}-link"
}

module "peering" {
  source = "../modules/peering"

  name       = local.name
  event      = var.event
  prod       = var.prod
  expires_at = var.expires_at
}

# Two database roles. prod makes them when the window opens, with the passwords in these secrets, and drops them when it
# closes.
module "source_credential" {
  source = "../modules/link_credential"

  name        = "${local.name}-source"
  username    = "link_${local.environment_hex}"
  database    = var.event
  kms_key_arn = var.prod.kms_key_arn
}

module "target_credential" {
  source = "../modules/link_credential"

  name        = "${local.name}-target"
  username    = "stage_${local.environment_hex}"
  database    = var.prod
  kms_key_arn = var.prod.kms_key_arn
}

module "replication" {
  source = "../modules/replication"

  name              = local.name
  instance          = var.replication
  subnet_ids        = var.prod.subnet_ids
  security_group_id = module.peering.security_group_id
  kms_key_arn       = var.prod.kms_key_arn

  source_database = { name = var.event.name, secret_arn = module.source_credential.secret_arn }
  target_database = { name = var.prod.name, secret_arn = module.target_credential.secret_arn }
  database_ca_pem = var.database_ca_pem
  staging_schema  = var.staging_schema

  permissions_boundary_arn = var.permissions_boundary_arn
}
