resource "aws_elasticache_subnet_group" "this" {
  name        = var.name
  description = "The database subnets of ${var.name}"
  subnet_ids  = var.subnet_ids

  tags = { Name = var.name }
}

# A waiting room holds the people who wait, so nothing may be evicted: a full server refuses writes, and the gate reports it.
resource "aws_elasticache_parameter_group" "this" {
  name        = var.name
  family      = "valkey8"
  description = "Nothing is evicted"

  parameter {
    name  = "maxmemory-policy"
    value = "noeviction"
  }

  tags = { Name = var.name }
}

resource "aws_elasticache_replication_group" "this" {
  #checkov:skip=CKV_AWS_31: clients sign in by the user group, instead of one token for everybody
  replication_group_id = var.name
  description          = "${var.purpose} of ${var.name}"
  engine               = "valkey"
  engine_version       = "8.0"
  node_type            = var.size.node_type
  port                 = 6379

  num_cache_clusters         = 1 + var.size.replicas
  multi_az_enabled           = true
  automatic_failover_enabled = true

  subnet_group_name    = aws_elasticache_subnet_group.this.name
  security_group_ids   = [var.security_group_id]
  parameter_group_name = aws_elasticache_parameter_group.this.name

  transit_encryption_enabled = true
  transit_encryption_mode    = "required"
  at_rest_encryption_enabled = true
  kms_key_id                 = var.key_arn
  user_group_ids             = [var.user_group_id]

  # No snapshots: they would stay after the environment.
  snapshot_retention_limit   = 0
  auto_minor_version_upgrade = true
  apply_immediately          = true

  tags = { Name = var.name }
}
