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
    host              = aws_db_instance.this.address
    port              = aws_db_instance.this.port
    name              = aws_db_instance.this.db_name
    secret_arn        = aws_db_instance.this.master_user_secret[0].secret_arn
    security_group_id = aws_security_group.database.id
    subnet_ids        = module.network.database_subnet_ids
    subnet_cidrs      = module.network.database_subnet_cidrs
    route_table_ids   = module.network.database_route_table_ids
    kms_key_arn       = aws_kms_key.this.arn
  }
}
