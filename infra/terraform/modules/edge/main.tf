# The entrance that always exists. A distribution takes long to make and costs nothing without requests, so it stays between
# drops; for each request its function looks up whether there is a store now.

data "aws_partition" "this" {}
data "aws_region" "this" {}

resource "aws_cloudfront_key_value_store" "places" {
  name    = "${var.name}-places"
  comment = "Host name of an event plane, and one of its places -> its load balancer, from when, until when"
}

resource "aws_cloudfront_function" "door" {
  name                         = "${var.name}-door"
  comment                      = "The store of today, or the holding page"
  runtime                      = "cloudfront-js-2.0"
  code                         = file("${path.module}/function.js")
  key_value_store_associations = [aws_cloudfront_key_value_store.places.arn]
  publish                      = true
}

resource "aws_cloudfront_origin_access_control" "holding" {
  name                              = "${var.name}-holding"
  description                       = "Signs what the edge reads of the holding page"
  origin_access_control_origin_type = "s3"
  signing_behavior                  = "always"
  signing_protocol                  = "sigv4"
}

locals {
  # What is the same for everybody (`now` of each drop), and the files of the pages.
  shared_paths = ["/v1/drops/*/now", "/static/*", "/drops/*/pictures/*"]
}

resource "aws_cloudfront_distribution" "this" {
  #checkov:skip=CKV_AWS_86: requests are logged by the newer delivery in logs.tf, which needs no access lists
  #checkov:skip=CKV_AWS_68: firewall.tf makes it by default; checkov does not follow the variable
  #checkov:skip=CKV2_AWS_47: the rules against Log4j are in firewall.tf
  #checkov:skip=CKV_AWS_310: the function is the fail-over: without a store it shows the holding page
  #checkov:skip=CKV_AWS_374: shoppers far away get the same chance; no country is blocked
  enabled         = true
  comment         = "Event plane of Marketday"
  aliases         = [var.hostname]
  is_ipv6_enabled = true
  http_version    = "http2and3"
  price_class     = var.price_class
  web_acl_id      = var.firewall ? one(aws_wafv2_web_acl.this[*].arn) : var.web_acl_arn

  # The function shows this page; it is also named here for requests that do not reach the function.
  default_root_object = "holding.html"

  origin {
    origin_id                = "holding"
    domain_name              = "${var.holding_bucket}.s3.${data.aws_region.this.name}.${data.aws_partition.this.dns_suffix}"
    origin_access_control_id = aws_cloudfront_origin_access_control.holding.id
  }

  default_cache_behavior {
    target_origin_id           = "holding"
    viewer_protocol_policy     = "redirect-to-https"
    allowed_methods            = ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"]
    cached_methods             = ["GET", "HEAD"]
    compress                   = true
    cache_policy_id            = data.aws_cloudfront_cache_policy.never.id
    origin_request_policy_id   = data.aws_cloudfront_origin_request_policy.all_but_host.id
    response_headers_policy_id = aws_cloudfront_response_headers_policy.safe.id

    function_association {
      event_type   = "viewer-request"
      function_arn = aws_cloudfront_function.door.arn
    }
  }

  dynamic "ordered_cache_behavior" {
    for_each = local.shared_paths

    content {
      path_pattern               = ordered_cache_behavior.value
      target_origin_id           = "holding"
      viewer_protocol_policy     = "redirect-to-https"
      allowed_methods            = ["GET", "HEAD"]
      cached_methods             = ["GET", "HEAD"]
      compress                   = true
      cache_policy_id            = aws_cloudfront_cache_policy.public.id
      origin_request_policy_id   = aws_cloudfront_origin_request_policy.known.id
      response_headers_policy_id = aws_cloudfront_response_headers_policy.safe.id

      function_association {
        event_type   = "viewer-request"
        function_arn = aws_cloudfront_function.door.arn
      }
    }
  }

  # CloudFront would otherwise answer everybody with one failed answer for ten seconds. It does not replace these answers.
  dynamic "custom_error_response" {
    for_each = [500, 501, 502, 503, 504]

    content {
      error_code            = custom_error_response.value
      error_caching_min_ttl = 0
    }
  }

  viewer_certificate {
    acm_certificate_arn      = aws_acm_certificate_validation.edge.certificate_arn
    minimum_protocol_version = "TLSv1.2_2021"
    ssl_support_method       = "sni-only"
  }

  restrictions {
    geo_restriction {
      restriction_type = "none"
    }
  }

  tags = { Name = var.name }
}

resource "aws_route53_record" "door" {
  for_each = toset(["A", "AAAA"])

  zone_id = var.zone_id
  name    = var.hostname
  type    = each.key

  alias {
    name                   = aws_cloudfront_distribution.this.domain_name
    zone_id                = aws_cloudfront_distribution.this.hosted_zone_id
    evaluate_target_health = false
  }
}
