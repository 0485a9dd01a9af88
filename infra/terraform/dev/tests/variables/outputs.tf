output "zones" {
  description = "The zones that were given."
  value       = var.zones
}
