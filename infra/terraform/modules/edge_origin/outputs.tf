output "published" {
  description = "Whether the edge knows of the host."
  value       = length(aws_cloudfrontkeyvaluestore_key.host) == 1
}
