data "aws_caller_identity" "this" {}

# AWS requires this beginning of the name.
resource "aws_cloudwatch_log_group" "firewall" {
  #checkov:skip=CKV_AWS_338: the log is of one drop; the variable log_retention_days sets how long it is kept
  name              = "aws-waf-logs-${var.name}"
  retention_in_days = var.log_retention_days
  kms_key_id        = var.key_arn

  tags = { Name = "aws-waf-logs-${var.name}" }
}

# Our own policy: otherwise AWS would add one for the account, and nobody removes that.
data "aws_iam_policy_document" "firewall_log" {
  statement {
    actions   = ["logs:CreateLogStream", "logs:PutLogEvents"]
    resources = ["${aws_cloudwatch_log_group.firewall.arn}:*"]

    principals {
      type        = "Service"
      identifiers = ["delivery.logs.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [data.aws_caller_identity.this.account_id]
    }
  }
}

resource "aws_cloudwatch_log_resource_policy" "firewall" {
  policy_name     = "${var.name}-firewall"
  policy_document = data.aws_iam_policy_document.firewall_log.json
}

# Accepted requests are in the access log, refused ones here. Neither contains a cookie or a token.
resource "aws_wafv2_web_acl_logging_configuration" "this" {
  resource_arn            = aws_wafv2_web_acl.this.arn
  log_destination_configs = [aws_cloudwatch_log_group.firewall.arn]

  redacted_fields {
    single_header {
      name = "authorization"
    }
  }

  redacted_fields {
    single_header {
      name = "cookie"
    }
  }

  redacted_fields {
    single_header {
      name = local.proof_header
    }
  }

  logging_filter {
    default_behavior = "DROP"

    filter {
      behavior    = "KEEP"
      requirement = "MEETS_ANY"

      condition {
        action_condition {
          action = "BLOCK"
        }
      }
    }
  }

  depends_on = [aws_cloudwatch_log_resource_policy.firewall]
}
