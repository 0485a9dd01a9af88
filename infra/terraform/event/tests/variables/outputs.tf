output "region" {
  description = "The region that was given."
  value       = var.region
}
