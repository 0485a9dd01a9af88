output "server" {
  description = "Where it is: host, port, and the database in it."
  value       = { host = module.database.host, port = module.database.port, name = module.database.name }
}

output "security_group_id" {
  description = "Its security group, to which others add their own rules."
  value       = module.database.security_group_id
}

output "password_secret_arn" {
  description = "The secret with its password."
  value       = module.password.arn
}

output "identifier" {
  description = "The instance's name, after it is made."
  value       = var.name
  depends_on  = [module.database]
}
