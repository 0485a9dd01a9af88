output "overlapping" {
  description = "Those of the other ranges that overlap. The caller refuses to plan unless the list is empty."
  value       = tolist(local.overlapping)
}
