# The control plane of Kubernetes. It has no public address.

# EKS would make it without a limit of days. It goes after the cluster; what EKS writes later makes it again, and the sweep
# finds it.
resource "aws_cloudwatch_log_group" "this" {
  name              = "/aws/eks/${var.name}/cluster"
  retention_in_days = var.log_retention_days
  kms_key_id        = var.key_arn

  tags = { Name = "/aws/eks/${var.name}/cluster" }
}

resource "aws_eks_cluster" "this" {
  name     = var.name
  role_arn = aws_iam_role.this.arn
  version  = var.kubernetes_version

  enabled_cluster_log_types     = ["api", "audit", "authenticator", "controllerManager", "scheduler"]
  bootstrap_self_managed_addons = false # the add-ons are pinned, see modules/addons

  vpc_config {
    subnet_ids              = var.subnet_ids
    endpoint_private_access = true
    endpoint_public_access  = false
  }

  kubernetes_network_config {
    service_ipv4_cidr = var.service_cidr
    ip_family         = "ipv4"
  }

  # Secrets are encrypted once more with our key before etcd keeps them.
  encryption_config {
    resources = ["secrets"]

    provider {
      key_arn = var.key_arn
    }
  }

  # Who applies this gets no rights in the cluster: access.tf names who has some. Changing it would replace the cluster.
  access_config {
    authentication_mode                         = "API"
    bootstrap_cluster_creator_admin_permissions = false
  }

  # After 14 months AWS upgrades instead of charging six times the price for an old version.
  upgrade_policy {
    support_type = "STANDARD"
  }

  tags = { Name = var.name }

  depends_on = [aws_cloudwatch_log_group.this, aws_iam_role_policy_attachment.this]
}
