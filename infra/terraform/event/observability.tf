module "observability" {
  source = "../modules/observability"

  name            = local.name
  alarm_topic_arn = var.alarm_topic_arn
  cluster_name    = aws_ecs_cluster.this.name

  services = {
    gate   = { name = module.gate.service_name, min = var.sizes.gate.min }
    store  = { name = module.store.service_name, min = var.sizes.store.min }
    worker = { name = module.worker.service_name, min = var.sizes.worker.min }
  }

  load_balancer = {
    arn_suffix    = module.load_balancer.arn_suffix
    target_groups = { for service in ["gate", "store"] : service => module.load_balancer.target_groups[service].arn_suffix }
    web_acl_name  = module.load_balancer.web_acl_name
  }

  database = {
    identifier  = module.database.identifier
    storage_gb  = var.sizes.database.storage_gb
    connections = 10 * (var.sizes.store.max + var.sizes.worker.max) # a task opens at most ten
  }

  cache_node_ids       = module.cache.node_ids
  stream_name          = module.activity.stream.name
  delivery_stream_name = module.activity.delivery_stream_name
}
