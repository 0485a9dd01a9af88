# The proof. By it the load balancer recognises our edge among all distributions, and the edge recognises the smoke test
# before the store opens. It gives access to no data, so it may be in the state.
resource "terraform_data" "edge_proof" {
  count = local.behind_edge ? 1 : 0

  input = uuid()

  lifecycle {
    ignore_changes = [input]
  }
}

resource "aws_secretsmanager_secret" "edge_proof" {
  #checkov:skip=CKV2_AWS_57: it exists for a day, and changes with the environment
  count = local.behind_edge ? 1 : 0

  name                    = "${local.name}/edge-proof"
  description             = "What the smoke test shows at the edge before ${local.name} opens."
  kms_key_id              = aws_kms_key.this.arn
  recovery_window_in_days = 0

  tags = { Name = "${local.name}/edge-proof" }
}

resource "aws_secretsmanager_secret_version" "edge_proof" {
  count = local.behind_edge ? 1 : 0

  secret_id     = aws_secretsmanager_secret.edge_proof[0].id
  secret_string = terraform_data.edge_proof[0].output
}

module "load_balancer" {
  source = "../modules/load_balancer"

  name               = local.name
  vpc_id             = module.network.vpc_id
  subnet_ids         = module.network.public_subnet_ids
  security_group_id  = module.security_groups.ids["load-balancer"]
  certificate_arn    = var.certificate_arn
  hostname           = var.hostname
  target_port        = local.port
  behind_edge        = local.behind_edge
  edge_proof         = one(terraform_data.edge_proof[*].output)
  rate_limits        = var.rate_limits
  key_arn            = aws_kms_key.this.arn
  log_retention_days = var.log_retention_days
  evidence_bucket    = var.evidence_bucket
  capacity_units     = var.sizes.load_balancer_units

  # The same as on one machine: provisioners/local/edge/event.conf.
  routes = [
    { service = "gate", paths = ["/v1/drops/*/now", "/v1/drops/*/entries", "/v1/drops/*/admissions"] },
    { service = "gate", paths = ["/drops/*/room", "/drops/*/room/*", "/drops/*/enter", "/static/*"] },
    { service = "store", paths = ["/*"] },
  ]
}

module "edge_origin" {
  source = "../modules/edge_origin"

  key_value_store_arn = var.edge_key_value_store_arn
  hostname            = var.hostname
  place               = var.edge_place
  proof               = one(terraform_data.edge_proof[*].output)
  origin              = module.load_balancer.dns_name
  from                = var.room_opens_at
  until               = var.closes_at

  # Nobody is sent to a store that does not exist yet, or is already removed.
  depends_on = [module.gate, module.store]
}
