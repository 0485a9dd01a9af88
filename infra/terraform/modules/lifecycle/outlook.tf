# Days before a drop the lifecycle looks whether the account has what its environment needs: quotas, and what is used of
# them by AWS's own metrics. AWS supports no resource for either. What else it counts, the sweep's rights allow already.
data "aws_iam_policy_document" "outlook" {
  #checkov:skip=CKV_AWS_356: reads quotas and metrics, for which AWS supports no resource
  statement {
    actions   = ["cloudwatch:GetMetricStatistics", "servicequotas:GetServiceQuota"]
    resources = ["*"] # readings: AWS supports no resource for them
  }
}

resource "aws_iam_role_policy" "outlook" {
  name   = "outlook"
  role   = aws_iam_role.this["lifecycle"].name
  policy = data.aws_iam_policy_document.outlook.json
}
