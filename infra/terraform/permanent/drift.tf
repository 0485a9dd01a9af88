# Each hour a machine of its own compares AWS with all states (docs/dev-plane.md).

module "drift_host" {
  source = "../modules/drift_host"
  count  = var.drift_schedule == null ? 0 : 1

  name              = "${local.name}-drift"
  schedule          = var.drift_schedule
  instance_type     = var.build_host_instance_types[0]
  subnet_id         = module.build_host.subnet_ids[0]
  security_group_id = module.build_host.host_security_group_id
  terraform_version = var.terraform_version
  provider_mirror   = "s3://${module.state.name}/providers"
  state_bucket_arn  = module.state.arn
  kms_key_arn       = aws_kms_key.this.arn
  slack_secret_arn  = aws_secretsmanager_secret.this["slack"].arn
  alarm_topic_arn   = aws_sns_topic.alarms.arn
  dead_letter_arn   = module.lifecycle.dead_letter_arn

  repository = {
    url        = var.repository.url
    commit     = var.repository.commit
    secret     = var.repository.private ? aws_secretsmanager_secret.this["repository"].name : null
    secret_arn = var.repository.private ? aws_secretsmanager_secret.this["repository"].arn : null
  }

  settings = {
    MARKETDAY_STATE_BUCKET    = module.state.name
    MARKETDAY_SLACK_SECRET    = aws_secretsmanager_secret.this["slack"].name
    MARKETDAY_ALARM_TOPIC_ARN = aws_sns_topic.alarms.arn
    MARKETDAY_LANGUAGE        = var.language
    MARKETDAY_DRIFT_REGIONS   = var.replica_region
  }
}
