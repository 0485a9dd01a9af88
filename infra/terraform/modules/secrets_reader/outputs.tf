output "role_arn" {
  description = "The role of External Secrets."
  value       = module.role.arn
}
