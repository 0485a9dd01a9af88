# One machine of the dev plane. It has no public address, because app subnets give none; people sign in only by Session Manager;
# its log is kept.

data "aws_partition" "this" {}
data "aws_region" "this" {}

data "aws_ssm_parameter" "image" {
  count = var.image == null ? 1 : 0

  name = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-arm64"
}

resource "aws_security_group" "this" {
  #checkov:skip=CKV2_AWS_5: the instance below uses it
  name        = var.name
  description = "The machine ${var.name}"
  vpc_id      = var.vpc_id

  tags = { Name = var.name }
}

resource "aws_vpc_security_group_egress_rule" "tls" {
  #checkov:skip=CKV_AWS_382: one port; the addresses of AWS, GitHub and of package mirrors change
  security_group_id = aws_security_group.this.id
  description       = "AWS, packages and GitHub"
  cidr_ipv4         = "0.0.0.0/0"
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443

  tags = { Name = "${var.name}-tls" }
}

resource "aws_cloudwatch_log_group" "this" {
  name              = "${var.name}/journal"
  retention_in_days = var.log_retention_days
  kms_key_id        = var.key_arn

  tags = { Name = "${var.name}/journal" }
}

resource "aws_instance" "this" {
  #checkov:skip=CKV_AWS_126: a value every five minutes is enough for a machine that only builds
  ami                    = coalesce(var.image, one(data.aws_ssm_parameter.image[*].insecure_value))
  instance_type          = var.instance_type
  subnet_id              = var.subnet_id
  vpc_security_group_ids = [aws_security_group.this.id]
  iam_instance_profile   = aws_iam_instance_profile.this.name

  ebs_optimized               = true
  disable_api_termination     = var.deletion_protection
  user_data                   = var.user_data
  user_data_replace_on_change = true # everything on it comes from code, or is in the database

  metadata_options {
    http_endpoint               = "enabled"
    http_tokens                 = "required"
    http_put_response_hop_limit = 1
  }

  root_block_device {
    volume_type           = "gp3"
    volume_size           = var.disk_gb
    encrypted             = true
    kms_key_id            = var.key_arn
    delete_on_termination = true
  }

  tags = { Name = var.name }

  lifecycle {
    ignore_changes = [ami] # a newer image is taken when the machine is made again, not at every plan
  }

  depends_on = [aws_cloudwatch_log_group.this, aws_iam_role_policy.this]
}
