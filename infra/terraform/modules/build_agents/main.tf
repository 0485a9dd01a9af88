# Agents: spot instances that Jenkins starts when something is built, each for one build. There is none when nothing is built.


data "aws_caller_identity" "this" {}
data "aws_partition" "this" {}
data "aws_region" "this" {}

locals {
  account   = data.aws_caller_identity.this.account_id
  partition = data.aws_partition.this.partition
  region    = data.aws_region.this.name
  ec2       = "arn:${local.partition}:ec2:${local.region}:${local.account}"
}

resource "aws_key_pair" "agents" {
  key_name   = "${var.name}-agents"
  public_key = trimspace(var.public_key)

  tags = { Name = "${var.name}-agents" }
}

data "aws_iam_policy_document" "agents_assume" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["ec2.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "agents" {
  name               = "${var.name}-agents"
  description        = "An agent pushes images, and asks the cluster how a delivery goes"
  assume_role_policy = data.aws_iam_policy_document.agents_assume.json

  tags = { Name = "${var.name}-agents" }
}

data "aws_iam_policy_document" "agents" {
  #checkov:skip=CKV_AWS_356: signing in to ECR has no resource
  statement {
    sid       = "SignIn"
    actions   = ["ecr:GetAuthorizationToken"]
    resources = ["*"] # AWS supports no resource for it
  }

  # Tags there cannot be moved (module registry), and nothing there can be removed.
  statement {
    sid = "Push"
    actions = [
      "ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:CompleteLayerUpload", "ecr:DescribeImages",
      "ecr:GetDownloadUrlForLayer", "ecr:InitiateLayerUpload", "ecr:PutImage", "ecr:UploadLayerPart",
    ]
    resources = ["arn:${local.partition}:ecr:${local.region}:${local.account}:repository/marketday/*"]
  }

  statement {
    sid       = "PullThrough"
    actions   = ["ecr:BatchGetImage", "ecr:BatchImportUpstreamImage", "ecr:CreateRepository", "ecr:GetDownloadUrlForLayer"]
    resources = ["arn:${local.partition}:ecr:${local.region}:${local.account}:repository/${aws_ecr_pull_through_cache_rule.public.ecr_repository_prefix}/*"]
  }

  statement {
    sid       = "AskCluster"
    actions   = ["eks:DescribeCluster"]
    resources = ["arn:${local.partition}:eks:${local.region}:${local.account}:cluster/${var.cluster}"]
  }
}

resource "aws_iam_role_policy" "agents" {
  name   = "work"
  role   = aws_iam_role.agents.name
  policy = data.aws_iam_policy_document.agents.json
}

resource "aws_iam_instance_profile" "agents" {
  name = "${var.name}-agents"
  role = aws_iam_role.agents.name

  tags = { Name = "${var.name}-agents" }
}

# trivy's database and public images, without the limits of public registries.
resource "aws_ecr_pull_through_cache_rule" "public" {
  ecr_repository_prefix = "${var.name}-public"
  upstream_registry_url = "public.ecr.aws"
}

resource "aws_security_group" "agents" {
  #checkov:skip=CKV2_AWS_5: Jenkins starts agents with it
  name        = "${var.name}-agents"
  description = "Agents of Jenkins"
  vpc_id      = var.vpc_id

  tags = { Name = "${var.name}-agents" }
}

resource "aws_vpc_security_group_egress_rule" "agents" {
  #checkov:skip=CKV_AWS_382: one port; the addresses of GitHub, package mirrors and AWS change
  security_group_id = aws_security_group.agents.id
  description       = "GitHub, packages, registries and AWS"
  cidr_ipv4         = "0.0.0.0/0"
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443

  tags = { Name = "${var.name}-agents-tls" }
}
