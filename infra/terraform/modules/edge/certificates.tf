# Two certificates of one name: CloudFront reads its certificate in us-east-1, the load balancers need one in their region.

resource "aws_acm_certificate" "edge" {
  provider = aws.us_east_1

  domain_name       = var.hostname
  validation_method = "DNS"

  lifecycle {
    create_before_destroy = true
  }

  tags = { Name = "${var.name}-edge" }
}

resource "aws_acm_certificate" "region" {
  domain_name       = var.hostname
  validation_method = "DNS"

  lifecycle {
    create_before_destroy = true
  }

  tags = { Name = "${var.name}-region" }
}

locals {
  proofs = {
    edge   = one(aws_acm_certificate.edge.domain_validation_options)
    region = one(aws_acm_certificate.region.domain_validation_options)
  }
}

# ACM needs the same DNS record in every region of an account, so both certificates use one record.
resource "aws_route53_record" "proof" {
  for_each = toset(["edge", "region"])

  zone_id         = var.zone_id
  name            = local.proofs[each.key].resource_record_name
  type            = local.proofs[each.key].resource_record_type
  records         = [local.proofs[each.key].resource_record_value]
  ttl             = 300
  allow_overwrite = true
}

resource "aws_acm_certificate_validation" "edge" {
  provider = aws.us_east_1

  certificate_arn         = aws_acm_certificate.edge.arn
  validation_record_fqdns = [aws_route53_record.proof["edge"].fqdn]
}

resource "aws_acm_certificate_validation" "region" {
  certificate_arn         = aws_acm_certificate.region.arn
  validation_record_fqdns = [aws_route53_record.proof["region"].fqdn]
}
