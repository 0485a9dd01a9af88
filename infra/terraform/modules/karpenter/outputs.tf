output "instance_profile" {
  description = "The instance profile of the nodes, which an EC2NodeClass names."
  value       = aws_iam_instance_profile.node.name
}

output "queue_name" {
  description = "The queue of interruptions, a setting of Karpenter."
  value       = aws_sqs_queue.interruptions.name
}
