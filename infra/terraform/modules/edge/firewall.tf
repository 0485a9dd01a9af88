# The firewall at the edge: known attacks end there, also those on the holding page, before they cost the store anything. What one
# address may send is limited at the load balancer, which exists only with the store: a rate rule here would cost by the month.

locals {
  # Each group costs a dollar a month. tests/cloud/managed_rules.py tries our forms against what AWS documents of them.
  rule_groups = { AWSManagedRulesCommonRuleSet = 10, AWSManagedRulesKnownBadInputsRuleSet = 20 }
}

resource "aws_wafv2_web_acl" "this" {
  #checkov:skip=CKV_AWS_192: the group of known bad inputs has that rule; checkov does not read the list of groups
  #checkov:skip=CKV2_AWS_31: counted and sampled in CloudWatch; the edge's own log has each refused request with its status
  count    = var.firewall ? 1 : 0
  provider = aws.us_east_1

  name        = var.name
  description = "Known attacks before ${var.hostname}"
  scope       = "CLOUDFRONT"

  default_action {
    allow {}
  }

  dynamic "rule" {
    for_each = local.rule_groups

    content {
      name     = rule.key
      priority = rule.value

      override_action {
        none {}
      }

      statement {
        managed_rule_group_statement {
          vendor_name = "AWS"
          name        = rule.key
        }
      }

      visibility_config {
        cloudwatch_metrics_enabled = true
        sampled_requests_enabled   = true
        metric_name                = "${var.name}-${rule.key}"
      }
    }
  }

  visibility_config {
    cloudwatch_metrics_enabled = true
    sampled_requests_enabled   = true
    metric_name                = var.name
  }

  tags = { Name = var.name }
}
