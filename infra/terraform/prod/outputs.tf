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

output "link" {
  description = "What a link needs of the plane: the value of `prod` in the stack permanent."
  value = {
    vpc_id            = module.network.vpc_id
    vpc_cidr          = module.network.vpc_cidr
    host              = module.database.host
    port              = module.database.port
    name              = module.database.name
    security_group_id = module.database.security_group_id
    subnet_ids        = module.network.database_subnet_ids
    subnet_cidrs      = module.network.database_subnet_cidrs
    route_table_ids   = module.network.database_route_table_ids
    kms_key_arn       = aws_kms_key.this.arn

    controller = {
      security_group_id = module.pod_groups.ids["controller"]
      subnet_cidrs      = module.network.controller_subnet_cidrs
      route_table_ids   = module.network.controller_route_table_ids
      role_arn          = module.controller_role.arn
    }
  }
}

output "service_cidr" {
  description = "The addresses of services inside the cluster, which no event environment may overlap either: from the cluster they could not be told apart."
  value       = var.service_cidr
}

output "cluster" {
  description = "The cluster, its setting of Karpenter, and the security group of a place from which operators work."
  value = {
    name                        = module.cluster_addons.cluster_name
    interruption_queue          = module.karpenter.queue_name
    operators_security_group_id = module.cluster.operators_security_group_id
  }
}

# The overlay's NetworkPolicies name three ranges of a tier, also where there are two zones: the first one then stands there
# twice, as element() counts.
output "manifests" {
  description = "The values of infra/kubernetes/overlays/prod/account.yaml that this stack decides, under the same names."
  value = {
    region                 = var.region
    cluster                = module.cluster_addons.cluster_name
    database_host          = module.database.host
    database_networks      = join(",", [for index in range(3) : element(module.network.database_subnet_cidrs, index)])
    load_balancer_networks = join(",", [for index in range(3) : element(module.network.public_subnet_cidrs, index)])
    load_balancer_subnets  = join(",", [for zone in module.network.availability_zones : "${var.name}-public-${zone}"])
    endpoint_networks      = join(",", [for index in range(3) : element(module.network.app_subnet_cidrs, index)])
    event_networks         = var.event_pool
    group_load_balancer    = module.pod_groups.ids["load-balancer"]
    group_mall             = module.pod_groups.ids["mall"]
    group_console          = module.pod_groups.ids["console"]
    group_controller       = module.pod_groups.ids["controller"]
    group_migrate          = module.pod_groups.ids["migrate"]
    group_nodes            = module.cluster.security_group_id
  }
}
