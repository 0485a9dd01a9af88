# A small group of nodes for what the cluster itself needs: Karpenter, DNS, the load balancer controller, external secrets.
# Karpenter cannot start the nodes that it runs on. Everything else runs on Karpenter's nodes.

data "aws_partition" "this" {}

resource "aws_launch_template" "this" {
  name        = "${var.cluster_name}-system"
  description = "The system nodes of ${var.cluster_name}"

  # A pod cannot use the credentials of its node: the answer does not get farther than the node itself.
  metadata_options {
    http_endpoint               = "enabled"
    http_tokens                 = "required"
    http_put_response_hop_limit = 1
  }

  block_device_mappings {
    device_name = "/dev/xvda"

    ebs {
      volume_type = "gp3"
      volume_size = var.size.disk_gb
      encrypted   = true
    }
  }

  dynamic "tag_specifications" {
    for_each = toset(["instance", "volume", "network-interface"])

    content {
      resource_type = tag_specifications.key
      tags          = { Name = "${var.cluster_name}-system" }
    }
  }

  tags = { Name = "${var.cluster_name}-system" }
}

resource "aws_eks_node_group" "this" {
  cluster_name    = var.cluster_name
  node_group_name = "${var.cluster_name}-system"
  node_role_arn   = aws_iam_role.this.arn
  subnet_ids      = var.subnet_ids
  version         = var.kubernetes_version

  ami_type       = "AL2023_ARM_64_STANDARD"
  capacity_type  = "ON_DEMAND"
  instance_types = var.size.instance_types

  scaling_config {
    min_size     = var.size.min
    max_size     = var.size.max
    desired_size = var.size.min
  }

  update_config {
    max_unavailable = 1
  }

  launch_template {
    id      = aws_launch_template.this.id
    version = aws_launch_template.this.latest_version
  }

  labels = { "marketday/pool" = "system" }

  taint {
    key    = "CriticalAddonsOnly"
    value  = "true"
    effect = "NO_SCHEDULE"
  }

  tags = { Name = "${var.cluster_name}-system" }

  depends_on = [aws_iam_role_policy_attachment.this]
}
