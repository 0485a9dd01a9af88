output "queue_name" {
  description = "The queue of interruptions, a setting of Karpenter."
  value       = aws_sqs_queue.interruptions.name
}
