output "published" {
  description = "Whether the edge has an origin for the host."
  value       = length(aws_cloudfrontkeyvaluestore_key.host) == 1
}
