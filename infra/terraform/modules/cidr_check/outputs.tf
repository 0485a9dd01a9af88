output "overlapping" {
  description = "The other ranges that overlap this one. The caller refuses to plan unless the list is empty."
  value       = tolist(local.overlapping)
}
