output "public_url" {
  description = "The address that shoppers use."
  value       = local.public_url
}

output "edge_proof_secret_arn" {
  description = "The secret with the proof that opens the edge before the room opens; null without an edge."
  value       = one(aws_secretsmanager_secret_version.edge_proof[*].arn)
}

output "load_balancer_dns_name" {
  description = "The load balancer's name in the DNS, the origin of the edge."
  value       = module.load_balancer.dns_name
}

output "vpc_id" {
  description = "The environment's VPC."
  value       = module.network.vpc_id
}

output "vpc_cidr" {
  description = "The environment's range."
  value       = module.network.vpc_cidr
}

output "database" {
  description = "The facts of the drop database that the link needs. The secret is the owner's."
  value = {
    host              = module.database.host
    port              = module.database.port
    name              = module.database.name
    secret_arn        = module.database.secret_arn
    security_group_id = module.security_groups.ids["database"]
    subnet_cidrs      = module.network.database_subnet_cidrs
    route_table_ids   = module.network.database_route_table_ids
  }
}

output "cache" {
  description = "The facts of Valkey that the link needs. The secret is its whole URL."
  value = {
    host              = module.cache.host
    port              = module.cache.port
    secret_arn        = module.cache_url.arn
    security_group_id = module.security_groups.ids["cache"]
  }
}

output "cluster_name" {
  description = "The ECS cluster."
  value       = aws_ecs_cluster.this.name
}

output "service_names" {
  description = "The name of each service in ECS, by its short name."
  value = {
    gate   = module.gate.service_name
    store  = module.store.service_name
    worker = module.worker.service_name
  }
}

output "stream_name" {
  description = "The Kinesis stream of the activity."
  value       = module.activity.stream.name
}

output "evidence" {
  description = "Where activity and logs are kept after the environment is removed."
  value       = "s3://${var.evidence_bucket}/${module.activity.folder}/"
}

output "athena_workgroup" {
  description = "The Athena workgroup with the named queries."
  value       = module.activity.athena_workgroup
}

output "dashboard_name" {
  description = "The CloudWatch dashboard."
  value       = module.observability.dashboard_name
}
