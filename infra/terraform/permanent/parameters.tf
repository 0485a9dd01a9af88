# What the lifecycle gives to the event and link stacks that it builds, in addition to a drop's own values.

# provisioners/terraform/facts.py reads it; a unit test compares the two.
locals {
  facts = {
    region                   = var.region
    zones                    = var.zones
    hostname                 = var.hostname
    certificate_arn          = module.edge.certificate_arn
    edge_key_value_store_arn = module.edge.key_value_store_arn
    alarm_topic_arn          = aws_sns_topic.alarms.arn
    evidence_bucket          = module.logs.name
    permissions_boundary_arn = module.builder.boundary_policy_arn
    pool                     = var.event_pool
    prefix                   = var.event_prefix
    other_cidrs              = var.other_cidrs
    images                   = { for image in ["gate", "store", "worker", "migrate"] : image => "${module.registry.repository_urls[image]}:${coalesce(var.image_tag, var.repository.commit)}" }
    prod                     = var.prod
    mall                     = var.mall
    database_ca_pem          = var.database_ca_pem
    provider_max_retries     = var.provider_max_retries
    recovery                 = local.recovery
    previews                 = var.previews
  }
}

resource "aws_ssm_parameter" "stack" {
  name        = "/${local.name}/stack"
  description = "Facts for the variables of event and link stacks, as JSON"
  type        = "SecureString"
  key_id      = aws_kms_key.this.arn
  tier        = "Intelligent-Tiering" # certificates and a JWK set are longer than the free 4 KB
  value       = jsonencode(local.facts)

  lifecycle {
    precondition {
      condition     = length(jsonencode(local.facts)) <= 8192
      error_message = "The facts have ${length(jsonencode(local.facts))} characters; expected 8192 at most, the limit of a parameter: shorten database_ca_pem to the authority that the databases use, or mall.jwks."
    }
  }

  tags = { Name = "/${local.name}/stack" }
}

resource "aws_ssm_parameter" "receipts" {
  #checkov:skip=CKV2_AWS_34: public keys are not secret
  #checkov:skip=CKV_AWS_337: public keys are not secret
  name        = "/${local.name}/receipt-jwks"
  description = "Public keys that sign the receipts of hand-backs"
  type        = "String"
  tier        = "Intelligent-Tiering"
  value       = var.receipt_jwks

  tags = { Name = "/${local.name}/receipt-jwks" }
}
