locals {
  # Behind CloudFront all people have its addresses: they are recognised by the header that its function sets
  # on each request. X-Forwarded-For does not work, because the client writes its beginning.
  viewer_header = "x-marketday-viewer"

  proof_header = "x-marketday-proof"

  rate_rules = {
    writes   = { priority = 10, limit = var.rate_limits.writes }
    requests = { priority = 20, limit = var.rate_limits.requests }
  }
}

resource "aws_wafv2_web_acl" "this" {
  name        = var.name
  description = "Rates and known attacks before ${var.name}"
  scope       = "REGIONAL"

  default_action {
    allow {}
  }

  custom_response_body {
    key          = "slower"
    content_type = "TEXT_PLAIN"
    content      = "Too many requests from this address. Wait a minute and try again."
  }

  # Everyone with a distribution has CloudFront's addresses; only our distribution knows the proof.
  dynamic "rule" {
    for_each = var.behind_edge ? [local.proof_header] : []

    content {
      name     = "edge-alone"
      priority = 0

      action {
        block {}
      }

      statement {
        not_statement {
          statement {
            byte_match_statement {
              positional_constraint = "EXACTLY"
              search_string         = var.edge_proof

              field_to_match {
                single_header {
                  name = rule.value
                }
              }

              text_transformation {
                priority = 0
                type     = "NONE"
              }
            }
          }
        }
      }

      visibility_config {
        cloudwatch_metrics_enabled = true
        sampled_requests_enabled   = true
        metric_name                = "${var.name}-edge-alone"
      }
    }
  }

  dynamic "rule" {
    for_each = local.rate_rules

    content {
      name     = "rate-${rule.key}"
      priority = rule.value.priority

      action {
        block {
          custom_response {
            response_code            = 429
            custom_response_body_key = "slower"

            response_header {
              name  = "retry-after"
              value = "60"
            }
          }
        }
      }

      statement {
        rate_based_statement {
          limit                 = rule.value.limit
          evaluation_window_sec = 300
          aggregate_key_type    = var.behind_edge ? "FORWARDED_IP" : "IP"

          dynamic "forwarded_ip_config" {
            for_each = var.behind_edge ? [local.viewer_header] : []

            content {
              header_name       = forwarded_ip_config.value
              fallback_behavior = "MATCH"
            }
          }

          dynamic "scope_down_statement" {
            for_each = rule.key == "writes" ? ["POST"] : []

            content {
              byte_match_statement {
                positional_constraint = "EXACTLY"
                search_string         = scope_down_statement.value

                field_to_match {
                  method {}
                }

                text_transformation {
                  priority = 0
                  type     = "NONE"
                }
              }
            }
          }
        }
      }

      visibility_config {
        cloudwatch_metrics_enabled = true
        sampled_requests_enabled   = true
        metric_name                = "${var.name}-rate-${rule.key}"
      }
    }
  }

  rule {
    name     = "AWSManagedRulesCommonRuleSet"
    priority = 30

    override_action {
      none {}
    }

    statement {
      managed_rule_group_statement {
        vendor_name = "AWS"
        name        = "AWSManagedRulesCommonRuleSet"
      }
    }

    visibility_config {
      cloudwatch_metrics_enabled = true
      sampled_requests_enabled   = true
      metric_name                = "${var.name}-AWSManagedRulesCommonRuleSet"
    }
  }

  rule {
    name     = "AWSManagedRulesKnownBadInputsRuleSet"
    priority = 40

    override_action {
      none {}
    }

    statement {
      managed_rule_group_statement {
        vendor_name = "AWS"
        name        = "AWSManagedRulesKnownBadInputsRuleSet"
      }
    }

    visibility_config {
      cloudwatch_metrics_enabled = true
      sampled_requests_enabled   = true
      metric_name                = "${var.name}-AWSManagedRulesKnownBadInputsRuleSet"
    }
  }

  visibility_config {
    cloudwatch_metrics_enabled = true
    sampled_requests_enabled   = true
    metric_name                = var.name
  }

  tags = { Name = var.name }
}

resource "aws_wafv2_web_acl_association" "this" {
  resource_arn = aws_lb.this.arn
  web_acl_arn  = aws_wafv2_web_acl.this.arn
}
