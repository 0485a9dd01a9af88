resource "aws_security_group" "endpoints" {
  name        = "${var.name}-endpoints"
  description = "AWS services inside ${var.name}"
  vpc_id      = aws_vpc.this.id

  tags = { Name = "${var.name}-endpoints" }
}

resource "aws_vpc_security_group_ingress_rule" "endpoints_from_app" {
  for_each = local.zones

  security_group_id = aws_security_group.endpoints.id
  description       = "TLS from the app subnet of ${each.key}"
  cidr_ipv4         = aws_subnet.app[each.key].cidr_block
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443

  tags = { Name = "${var.name}-endpoints-from-${each.key}" }
}

# An endpoint is also a way out of the network: it serves only this account's users and resources, so stolen data
# cannot leave through it to another account.
data "aws_iam_policy_document" "own_account" {
  #checkov:skip=CKV_AWS_1: an endpoint's policy only restricts: the caller's role says what is allowed
  #checkov:skip=CKV_AWS_49: it only restricts, see above
  statement {
    actions   = ["*"]
    resources = ["*"]

    principals {
      type        = "AWS"
      identifiers = ["*"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:PrincipalAccount"
      values   = [data.aws_caller_identity.this.account_id]
    }
  }
}

data "aws_iam_policy_document" "own_buckets" {
  #checkov:skip=CKV_AWS_283: any principal is intended: the condition limits it to the buckets of this account
  statement {
    sid       = "OwnBuckets"
    actions   = ["s3:*"]
    resources = ["*"]

    principals {
      type        = "AWS"
      identifiers = ["*"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:ResourceAccount"
      values   = [data.aws_caller_identity.this.account_id]
    }
  }

  # ECR keeps the layers of images in a bucket of AWS, which is read by signed URLs.
  statement {
    sid       = "ImageLayers"
    actions   = ["s3:GetObject"]
    resources = ["arn:${data.aws_partition.this.partition}:s3:::prod-${data.aws_region.this.name}-starport-layer-bucket/*"]

    principals {
      type        = "AWS"
      identifiers = ["*"]
    }
  }
}

locals {
  routed_table_ids = [for table in concat(values(aws_route_table.app), values(aws_route_table.controller)) : table.id]
}

resource "aws_vpc_endpoint" "interface" {
  for_each = var.interface_endpoints

  vpc_id              = aws_vpc.this.id
  service_name        = "com.amazonaws.${data.aws_region.this.name}.${each.key}"
  vpc_endpoint_type   = "Interface"
  private_dns_enabled = true
  subnet_ids          = [for subnet in aws_subnet.app : subnet.id]
  security_group_ids  = [aws_security_group.endpoints.id]
  policy              = data.aws_iam_policy_document.own_account.json

  tags = { Name = "${var.name}-${each.key}" }
}

resource "aws_vpc_endpoint" "s3" {
  count = var.s3_endpoint ? 1 : 0

  vpc_id            = aws_vpc.this.id
  service_name      = "com.amazonaws.${data.aws_region.this.name}.s3"
  vpc_endpoint_type = "Gateway"
  route_table_ids   = concat(local.routed_table_ids, [aws_route_table.database.id])
  policy            = data.aws_iam_policy_document.own_buckets.json

  tags = { Name = "${var.name}-s3" }
}

resource "aws_vpc_endpoint" "dynamodb" {
  count = var.dynamodb_endpoint ? 1 : 0

  vpc_id            = aws_vpc.this.id
  service_name      = "com.amazonaws.${data.aws_region.this.name}.dynamodb"
  vpc_endpoint_type = "Gateway"
  route_table_ids   = local.routed_table_ids
  policy            = data.aws_iam_policy_document.own_account.json

  tags = { Name = "${var.name}-dynamodb" }
}
