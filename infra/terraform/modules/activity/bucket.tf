# What Firehose writes and Athena reads. Only these two use it, and CloudTrail logs their calls.
module "archive" {
  source = "../private_bucket"

  name            = "${var.name}-archive-${data.aws_caller_identity.this.account_id}"
  kms_key_arn     = var.key_arn
  expiration_days = var.expire_days
  noncurrent_days = 1

  # An environment is removed completely, with its archive, even if it is not empty.
  force_destroy = true
}
