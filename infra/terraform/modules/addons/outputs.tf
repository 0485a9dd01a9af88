output "cluster_name" {
  description = "The cluster, after it has these add-ons."
  value       = var.cluster_name
  depends_on  = [aws_eks_addon.this]
}
