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
  rate_limits        = var.rate_limits
  key_arn            = aws_kms_key.this.arn
  log_retention_days = var.log_retention_days

  # The same as on one machine: environments/local/edge/event.conf.
  routes = [
    { service = "gate", paths = ["/v1/drops/*/now", "/v1/drops/*/entries", "/v1/drops/*/admissions"] },
    { service = "gate", paths = ["/drops/*/room", "/drops/*/room/*", "/drops/*/enter", "/static/gate/*"] },
    { service = "store", paths = ["/*"] },
  ]
}

module "edge_origin" {
  source = "../modules/edge_origin"

  key_value_store_arn = var.edge_key_value_store_arn
  hostname            = var.hostname
  origin              = module.load_balancer.dns_name
  from                = var.room_opens_at
  until               = var.closes_at

  # Nobody is sent to a store that is not there yet, or not there any more.
  depends_on = [module.gate, module.store]
}
