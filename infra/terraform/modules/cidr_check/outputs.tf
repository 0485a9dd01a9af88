output "overlapping" {
  description = "Those of the others that share an address with the range. The caller refuses to plan unless it is empty."
  value       = tolist(local.overlapping)
}
