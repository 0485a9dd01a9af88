output "host" {
  description = "The primary's name in the DNS; it stays over a failover."
  value       = aws_elasticache_replication_group.this.primary_endpoint_address
}

output "port" {
  description = "The port that it listens on."
  value       = aws_elasticache_replication_group.this.port
}

# A replication group names its nodes by itself: <group>-001 and on.
output "node_ids" {
  description = "The nodes, as metrics name them."
  value       = [for index in range(1 + var.size.replicas) : format("%s-%03d", var.name, index + 1)]
}
