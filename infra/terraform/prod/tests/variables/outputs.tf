output "zones" {
  description = "The zones that were given."
  value       = var.zones
}

output "system_nodes" {
  description = "The system nodes that were given."
  value       = var.system_nodes
}
