locals {
  security_group_id = aws_eks_cluster.this.vpc_config[0].cluster_security_group_id
}

output "name" {
  description = "The cluster's name, after the cluster exists."
  value       = aws_eks_cluster.this.name
}

output "arn" {
  description = "The cluster's ARN."
  value       = aws_eks_cluster.this.arn
}

output "version" {
  description = "The cluster's version of Kubernetes."
  value       = aws_eks_cluster.this.version
}

output "security_group_id" {
  description = "The security group that EKS makes for the control plane and all nodes."
  value       = local.security_group_id
}

output "operators_security_group_id" {
  description = "The security group of a place from which operators work."
  value       = aws_security_group.operators.id
}
