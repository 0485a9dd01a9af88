data "aws_iam_policy_document" "assume" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["ec2.amazonaws.com"]
    }
  }
}

# EKS itself makes the access entry of this role.
resource "aws_iam_role" "this" {
  name               = "${var.cluster_name}-system"
  description        = "The system nodes of ${var.cluster_name}"
  assume_role_policy = data.aws_iam_policy_document.assume.json

  tags = { Name = "${var.cluster_name}-system" }
}

# Addresses for pods are not among them: the add-on vpc-cni has a role of its own.
resource "aws_iam_role_policy_attachment" "this" {
  for_each = toset(["AmazonEKSWorkerNodePolicy", "AmazonEC2ContainerRegistryPullOnly"])

  role       = aws_iam_role.this.name
  policy_arn = "arn:${data.aws_partition.this.partition}:iam::aws:policy/${each.key}"
}
