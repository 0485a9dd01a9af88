output "folder" {
  description = "Where the lines are, in the bucket that keeps them."
  value       = local.folder
}
