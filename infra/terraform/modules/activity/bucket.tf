# What Firehose writes and Athena reads. Firehose and Athena alone come here, and CloudTrail tells of them.
module "archive" {
  source = "../private_bucket"

  name            = "${var.name}-archive-${data.aws_caller_identity.this.account_id}"
  kms_key_arn     = var.key_arn
  expiration_days = var.expire_days
  noncurrent_days = 1

  # An environment goes completely: its archive with it, however full.
  force_destroy = true
}
