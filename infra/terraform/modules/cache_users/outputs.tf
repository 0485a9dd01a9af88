output "user_group_id" {
  description = "The user group, after its users are in it."
  value       = var.name
  depends_on  = [aws_cloudformation_stack.users]
}

output "user_name" {
  description = "The user with which services sign in."
  value       = var.user.name
}

output "password_secret_arn" {
  description = "The secret with only the user's password."
  value       = module.password.arn
}
