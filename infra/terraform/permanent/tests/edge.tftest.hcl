# The edge.

mock_provider "aws" {
  mock_data "aws_caller_identity" {
    defaults = { account_id = "210987654321" }
  }

  mock_data "aws_partition" {
    defaults = { partition = "aws", dns_suffix = "amazonaws.com" }
  }

  mock_data "aws_region" {
    defaults = { name = "ap-northeast-2" }
  }

  mock_data "aws_availability_zones" {
    defaults = { names = ["ap-northeast-2a", "ap-northeast-2b"] }
  }

  mock_data "aws_iam_policy_document" {
    defaults = { json = "{}" }
  }

  mock_resource "aws_cloudfront_key_value_store" {
    defaults = { arn = "arn:aws:cloudfront::210987654321:key-value-store/7ad2d2b1-0000-4000-8000-000000000000" }
  }

  mock_resource "aws_cloudfront_function" {
    defaults = { arn = "arn:aws:cloudfront::210987654321:function/marketday-edge-door" }
  }

  mock_resource "aws_cloudfront_distribution" {
    defaults = { arn = "arn:aws:cloudfront::210987654321:distribution/E0123456789ABC" }
  }

}

mock_provider "aws" {
  alias = "us_east_1"

  mock_resource "aws_wafv2_web_acl" {
    defaults = { arn = "arn:aws:wafv2:us-east-1:210987654321:global/webacl/marketday-edge/7ad2d2b1-0000-4000-8000-000000000000" }
  }

  mock_resource "aws_cloudwatch_log_delivery_destination" {
    defaults = { arn = "arn:aws:logs:us-east-1:210987654321:delivery-destination:marketday-edge-requests" }
  }
}

override_resource {
  target = aws_acm_certificate.edge
  values = {
    arn                       = "arn:aws:acm:us-east-1:210987654321:certificate/7ad2d2b1-0000-4000-8000-000000000000"
    domain_validation_options = [{ domain_name = "drop.example.com", resource_record_name = "_a.drop.example.com.", resource_record_type = "CNAME", resource_record_value = "_b.acm-validations.aws." }]
  }
}

override_resource {
  target = aws_acm_certificate.region
  values = {
    arn                       = "arn:aws:acm:ap-northeast-2:210987654321:certificate/7ad2d2b1-0000-4000-8000-000000000000"
    domain_validation_options = [{ domain_name = "drop.example.com", resource_record_name = "_a.drop.example.com.", resource_record_type = "CNAME", resource_record_value = "_b.acm-validations.aws." }]
  }
}

variables {
  name           = "marketday-edge"
  hostname       = "drop.example.com"
  zone_id        = "Z0123456789ABCDEFGHIJ"
  holding_bucket = "marketday-holding-210987654321-ap-northeast-2"
  logs_bucket    = { name = "marketday-logs", arn = "arn:aws:s3:::marketday-logs" }
}

run "edge" {
  module {
    source = "../modules/edge"
  }

  assert {
    condition     = aws_cloudfront_function.door.runtime == "cloudfront-js-2.0" && toset(aws_cloudfront_function.door.key_value_store_associations) == toset([aws_cloudfront_key_value_store.places.arn])
    error_message = "The function must read the key-value store of places, which needs the runtime 2.0."
  }

  assert {
    condition = alltrue([for behavior in concat(aws_cloudfront_distribution.this.default_cache_behavior, aws_cloudfront_distribution.this.ordered_cache_behavior) :
    [for each in behavior.function_association : each.function_arn if each.event_type == "viewer-request"] == [aws_cloudfront_function.door.arn]])
    error_message = "Every request must pass the function, with any path."
  }

  assert {
    condition     = alltrue([for behavior in concat(aws_cloudfront_distribution.this.default_cache_behavior, aws_cloudfront_distribution.this.ordered_cache_behavior) : behavior.viewer_protocol_policy == "redirect-to-https"])
    error_message = "Nobody is served without TLS."
  }

  assert {
    condition     = aws_cloudfront_distribution.this.viewer_certificate[0].minimum_protocol_version == "TLSv1.2_2021" && toset(aws_cloudfront_distribution.this.aliases) == toset(["drop.example.com"])
    error_message = "The event host name is served with TLS 1.2 or newer."
  }

  assert {
    condition     = one(aws_cloudfront_distribution.this.origin).origin_access_control_id == aws_cloudfront_origin_access_control.holding.id
    error_message = "The holding page is read with a signature."
  }

  assert {
    condition     = aws_cloudfront_response_headers_policy.safe.security_headers_config[0].strict_transport_security[0].access_control_max_age_sec >= 31536000
    error_message = "Browsers must remember TLS for a year at least."
  }

  assert {
    condition     = toset([for each in aws_cloudfront_distribution.this.ordered_cache_behavior : each.path_pattern]) == toset(["/v1/drops/*/now", "/static/*", "/drops/*/pictures/*"])
    error_message = "The edge must cache only what everybody requests alike."
  }

  assert {
    condition = alltrue([for behavior in aws_cloudfront_distribution.this.ordered_cache_behavior : behavior.origin_request_policy_id == aws_cloudfront_origin_request_policy.known.id]) && (
    toset(one(one(aws_cloudfront_origin_request_policy.known.headers_config).headers).items) == toset(["x-marketday-viewer", "x-marketday-proof"]))
    error_message = "The firewall of the event stack must recognise the client and our edge, for every path."
  }

  assert {
    condition     = { for each in aws_cloudfront_distribution.this.custom_error_response : each.error_code => each.error_caching_min_ttl } == { for code in [500, 501, 502, 503, 504] : code => 0 }
    error_message = "One failed answer would be everybody's for ten seconds."
  }

  assert {
    condition     = aws_cloudfront_distribution.this.web_acl_id == one(aws_wafv2_web_acl.this[*].arn) && one(aws_wafv2_web_acl.this[*].scope) == "CLOUDFRONT"
    error_message = "The edge has no firewall by default."
  }

  assert {
    condition     = toset([for record in aws_route53_record.door : record.type]) == toset(["A", "AAAA"])
    error_message = "The host name answers by IPv4 and IPv6."
  }
}

run "a_firewall_of_their_own" {
  command = plan

  module {
    source = "../modules/edge"
  }

  variables {
    firewall    = false
    web_acl_arn = "arn:aws:wafv2:us-east-1:210987654321:global/webacl/theirs/7ad2d2b1-0000-4000-8000-000000000000"
  }

  assert {
    condition     = length(aws_wafv2_web_acl.this) == 0 && endswith(aws_cloudfront_distribution.this.web_acl_id, "webacl/theirs/7ad2d2b1-0000-4000-8000-000000000000")
    error_message = "There are two firewalls, or the wrong one."
  }
}
