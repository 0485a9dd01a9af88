output "user_group_id" {
  description = "The user group, once its users are in it."
  value       = var.name
  depends_on  = [aws_cloudformation_stack.users]
}

output "user_name" {
  description = "The user that services sign in as."
  value       = local.user_name
}

output "password_secret_arn" {
  description = "The secret that holds the user's password and nothing else."
  value       = module.password.arn
}
