# What Karpenter needs of AWS: a role for itself, a role for the nodes that it starts, and word of those that AWS will take
# away. Which nodes it starts is said by NodePool and EC2NodeClass, in infra/kubernetes.

data "aws_caller_identity" "this" {}
data "aws_partition" "this" {}
data "aws_region" "this" {}

locals {
  ec2  = "arn:${data.aws_partition.this.partition}:ec2:${data.aws_region.this.name}:${data.aws_caller_identity.this.account_id}"
  ours = "kubernetes.io/cluster/${var.cluster.name}"
}

module "role" {
  source = "../pod_role"

  name            = "${var.cluster.name}-karpenter"
  description     = "Starts and ends the nodes of ${var.cluster.name}"
  cluster         = var.cluster
  namespace       = "kube-system"
  service_account = "karpenter"
  policies        = { nodes = data.aws_iam_policy_document.nodes.json, look = data.aws_iam_policy_document.look.json }
}

data "aws_iam_policy_document" "assume" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["ec2.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "node" {
  name               = "${var.cluster.name}-karpenter-node"
  description        = "The nodes that Karpenter starts for ${var.cluster.name}"
  assume_role_policy = data.aws_iam_policy_document.assume.json

  tags = { Name = "${var.cluster.name}-karpenter-node" }
}

resource "aws_iam_role_policy_attachment" "node" {
  for_each = toset(["AmazonEKSWorkerNodePolicy", "AmazonEC2ContainerRegistryPullOnly"])

  role       = aws_iam_role.node.name
  policy_arn = "arn:${data.aws_partition.this.partition}:iam::aws:policy/${each.key}"
}

# With a profile of ours Karpenter needs no right to make roles' profiles, and leaves none behind.
resource "aws_iam_instance_profile" "node" {
  name = "${var.cluster.name}-karpenter-node"
  role = aws_iam_role.node.name

  tags = { Name = "${var.cluster.name}-karpenter-node" }
}

# EKS itself makes such an entry only for managed node groups. Without this one, Karpenter's nodes could not join the cluster.
resource "aws_eks_access_entry" "node" {
  cluster_name  = var.cluster.name
  principal_arn = aws_iam_role.node.arn
  type          = "EC2_LINUX"

  tags = { Name = "${var.cluster.name}-karpenter-node" }
}
