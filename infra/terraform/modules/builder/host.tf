# The build host itself: its secrets, the provider, the state of its stack, the key-value store of the edge, and Session Manager, which needs no open port.

data "aws_iam_policy_document" "host" {
  #checkov:skip=CKV_AWS_111: see the statement SessionManager
  #checkov:skip=CKV_AWS_356: see the statement SessionManager
  statement {
    sid       = "HostSecrets"
    actions   = ["secretsmanager:GetSecretValue"]
    resources = var.host_secret_arns
  }

  # Our mirror of Terraform's provider, which only an administrator changes.
  statement {
    sid       = "Providers"
    actions   = ["s3:GetObject"]
    resources = ["${var.state_bucket_arn}/providers/*"]
  }

  statement {
    sid       = "StateKey"
    actions   = ["kms:Decrypt", "kms:GenerateDataKey"]
    resources = [var.kms_key_arn]

    condition {
      test     = "StringEquals"
      variable = "kms:ViaService"
      values   = ["s3.${local.region}.amazonaws.com", "secretsmanager.${local.region}.amazonaws.com"]
    }
  }

  statement {
    sid = "Door"
    actions = [
      "cloudfront-keyvaluestore:DescribeKeyValueStore", "cloudfront-keyvaluestore:ListKeys",
      "cloudfront-keyvaluestore:GetKey", "cloudfront-keyvaluestore:PutKey",
      "cloudfront-keyvaluestore:DeleteKey", "cloudfront-keyvaluestore:UpdateKeys",
    ]
    resources = [var.key_value_store_arn]
  }

  statement {
    sid       = "Certificate"
    actions   = ["acm:DescribeCertificate", "acm:ListTagsForCertificate"]
    resources = [var.certificate_arn]
  }

  statement {
    sid       = "Images"
    actions   = ["ecr:DescribeImages", "ecr:DescribeRepositories", "ecr:BatchGetImage"]
    resources = var.repository_arns
  }

  # Run Command, the other way to use the host. AWS supports no resource for these actions; they reach only the caller's own channel.
  statement {
    sid = "SessionManager"
    actions = [
      "ssm:UpdateInstanceInformation", "ssmmessages:CreateControlChannel", "ssmmessages:CreateDataChannel",
      "ssmmessages:OpenControlChannel", "ssmmessages:OpenDataChannel", "ec2messages:AcknowledgeMessage",
      "ec2messages:DeleteMessage", "ec2messages:FailMessage", "ec2messages:GetEndpoint", "ec2messages:GetMessages",
      "ec2messages:SendReply",
    ]
    resources = ["*"] # AWS supports no resource for these actions
  }
}

# Each role reaches only the states of its own stack. A host believes its state: what is written there as its own, it removes. So a host
# for event stacks that could write the state of a link could let the other role remove the mall's rules and routes. Logs and plans of
# runs (runs/) are written by the lifecycle, not by hosts.
data "aws_iam_policy_document" "state" {
  for_each = toset(local.ours)

  statement {
    sid       = "StateList"
    actions   = ["s3:ListBucket"]
    resources = [var.state_bucket_arn]

    condition {
      test     = "StringLike"
      variable = "s3:prefix"
      values   = ["environments/*", "providers/*"]
    }
  }

  # The state and its lock file, which Terraform deletes after each run. Nothing here allows deleting an older version of a state.
  statement {
    sid       = "State"
    actions   = ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"]
    resources = [for file in ["tfstate", "tfstate.tflock"] : "${var.state_bucket_arn}/environments/*/${each.key}.${file}"]
  }
}
