# Who is somebody in the cluster, beside its nodes: operators, and the place from which they reach its private address.

resource "aws_eks_access_entry" "admin" {
  for_each = var.admin_role_arns

  cluster_name  = aws_eks_cluster.this.name
  principal_arn = each.key

  tags = { Name = "${var.name}-admin" }
}

resource "aws_eks_access_policy_association" "admin" {
  for_each = var.admin_role_arns

  cluster_name  = aws_eks_cluster.this.name
  principal_arn = aws_eks_access_entry.admin[each.key].principal_arn
  policy_arn    = "arn:${data.aws_partition.this.partition}:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy"

  access_scope {
    type = "cluster"
  }
}

resource "aws_security_group" "operators" {
  #checkov:skip=CKV2_AWS_5: operators attach it to the place that they work from, see docs/aws.md
  name        = "${var.name}-operators"
  description = "A place from which operators reach the cluster, such as a CloudShell in this network"
  vpc_id      = var.vpc_id

  tags = { Name = "${var.name}-operators" }
}

resource "aws_vpc_security_group_ingress_rule" "from_operators" {
  security_group_id            = local.security_group_id
  description                  = "Operators, to the API of Kubernetes"
  referenced_security_group_id = aws_security_group.operators.id
  ip_protocol                  = "tcp"
  from_port                    = 443
  to_port                      = 443

  tags = { Name = "${var.name}-from-operators" }
}

# The API of Kubernetes, the API of AWS, and the repository of the manifests.
resource "aws_vpc_security_group_egress_rule" "operators" {
  #checkov:skip=CKV_AWS_382: HTTPS only, to addresses that we do not know
  security_group_id = aws_security_group.operators.id
  description       = "HTTPS"
  cidr_ipv4         = "0.0.0.0/0"
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443

  tags = { Name = "${var.name}-operators-https" }
}
