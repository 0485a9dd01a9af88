output "vpc_id" {
  description = "The network."
  value       = module.network.vpc_id
}

output "vpc_cidr" {
  description = "The network's range, which no event environment may overlap."
  value       = module.network.vpc_cidr
}

output "app_subnet_ids" {
  description = "Where the mall's services run."
  value       = module.network.app_subnet_ids
}

output "database" {
  description = "The mall database, and what the link needs to reach it."
  value = {
    host              = module.database.host
    port              = module.database.port
    name              = module.database.name
    secret_arn        = module.database_secret.arn
    security_group_id = module.database.security_group_id
    subnet_ids        = module.network.database_subnet_ids
    subnet_cidrs      = module.network.database_subnet_cidrs
    route_table_ids   = module.network.database_route_table_ids
    kms_key_arn       = aws_kms_key.this.arn
  }
}

output "controller" {
  description = "The controller's place, to which the link gives the way into the event plane."
  value = {
    security_group_id = module.pod_groups.ids["controller"]
    subnet_cidrs      = module.network.controller_subnet_cidrs
    route_table_ids   = module.network.controller_route_table_ids
  }
}

output "service_cidr" {
  description = "The addresses of services inside the cluster, which no event environment may overlap either: from the cluster they could not be told apart."
  value       = var.service_cidr
}

output "cluster" {
  description = "The cluster, and what Karpenter and operators need to know of it."
  value = {
    name                        = module.cluster_addons.cluster_name
    node_instance_profile       = module.karpenter.instance_profile
    interruption_queue          = module.karpenter.queue_name
    security_group_id           = module.cluster.security_group_id
    operators_security_group_id = module.cluster.operators_security_group_id
  }
}

output "manifests" {
  description = "What the overlay prod in infra/kubernetes names: security groups of pods, secrets, servers and ranges."
  value = {
    security_groups     = module.pod_groups.ids
    secret_arns         = local.secret_arns
    database_host       = module.database.host
    cache_host          = module.cache.host
    public_subnet_cidrs = module.network.public_subnet_cidrs
    data_subnet_cidrs   = module.network.database_subnet_cidrs
  }
}
