output "stream" {
  description = "The Kinesis stream that services write to."
  value       = { arn = aws_kinesis_stream.this.arn, name = aws_kinesis_stream.this.name }
}

output "delivery_stream_name" {
  description = "The Firehose stream's name in metrics."
  value       = aws_kinesis_firehose_delivery_stream.this.name
}

output "archive_bucket" {
  description = "The bucket of the archive."
  value       = module.archive.name
}

output "athena_workgroup" {
  description = "The Athena workgroup with its named queries."
  value       = aws_athena_workgroup.this.name
}
