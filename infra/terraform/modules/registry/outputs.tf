output "repository_urls" {
  description = "Address of each repository, by image."
  value       = { for service, repository in aws_ecr_repository.this : service => repository.repository_url }
}

output "repository_arns" {
  description = "ARN of each repository, by image."
  value       = { for service, repository in aws_ecr_repository.this : service => repository.arn }
}
