output "published" {
  description = "Whether the edge knows the host."
  value       = length(aws_cloudfrontkeyvaluestore_key.host) == 1
}
