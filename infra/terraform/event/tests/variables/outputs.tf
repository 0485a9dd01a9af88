output "region" {
  description = "The region that was given."
  value       = var.region
}

output "database_tls" {
  description = "What a URL of the database ends with."
  value       = local.database_tls
}

output "authorities" {
  description = "What a container is given for it."
  value       = local.authorities
}
