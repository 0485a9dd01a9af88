output "ids" {
  description = "The groups by their members: load-balancer, mall, console, controller, migrate."
  value       = { for name, group in aws_security_group.this : name => group.id }
}
