# The page that is shown while there is no store. Only CloudFront reads the bucket, and only for this distribution.

data "aws_iam_policy_document" "read_by_edge" {
  statement {
    sid       = "ReadByEdge"
    actions   = ["s3:GetObject"]
    resources = ["arn:${data.aws_partition.this.partition}:s3:::${var.holding_bucket}/*"]

    principals {
      type        = "Service"
      identifiers = ["cloudfront.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "AWS:SourceArn"
      values   = [aws_cloudfront_distribution.this.arn]
    }
  }
}

module "holding" {
  source = "../private_bucket"

  name                = var.holding_bucket
  noncurrent_days     = 30
  noncurrent_versions = 3
  policies            = [data.aws_iam_policy_document.read_by_edge.json]
  access_logs         = { bucket = var.logs_bucket.name, prefix = "holding/" }
  force_destroy       = var.force_destroy
}

resource "aws_s3_object" "holding" {
  #checkov:skip=CKV_AWS_186: a public page needs no customer key; S3 encrypts it with its own key
  bucket        = module.holding.name
  key           = "holding.html"
  source        = "${path.module}/holding.html"
  source_hash   = filemd5("${path.module}/holding.html")
  content_type  = "text/html; charset=utf-8"
  cache_control = "no-cache"
}
