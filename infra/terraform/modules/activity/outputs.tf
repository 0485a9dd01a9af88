output "stream" {
  description = "The Kinesis stream that services write to."
  value       = { arn = aws_kinesis_stream.this.arn, name = aws_kinesis_stream.this.name }
}

output "delivery_stream_name" {
  description = "The Firehose stream's name in metrics."
  value       = aws_kinesis_firehose_delivery_stream.this.name
}

output "folder" {
  description = "Where the archive is, in the bucket that keeps it."
  value       = local.folder
}

output "log_group" {
  description = "Name of the log group of the delivery."
  value       = aws_cloudwatch_log_group.firehose.name
}

output "athena_workgroup" {
  description = "The Athena workgroup with its named queries."
  value       = aws_athena_workgroup.this.name
}
