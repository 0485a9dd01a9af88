output "host" {
  description = "The primary's DNS name; it stays the same after a failover."
  value       = aws_elasticache_replication_group.this.primary_endpoint_address
}

output "port" {
  description = "The port that it listens on."
  value       = aws_elasticache_replication_group.this.port
}

# A replication group names its nodes itself: <group>-001, <group>-002 ...
output "node_ids" {
  description = "The nodes' names in metrics."
  value       = [for index in range(1 + var.size.replicas) : format("%s-%03d", var.name, index + 1)]
}
