output "cluster_name" {
  description = "The cluster, after its system nodes are ready."
  value       = aws_eks_node_group.this.cluster_name
}
