# The whole stack as it is planned, without AWS.

mock_provider "aws" {
  mock_data "aws_caller_identity" {
    defaults = { account_id = "210987654321" }
  }

  mock_data "aws_partition" {
    defaults = { partition = "aws", dns_suffix = "amazonaws.com" }
  }

  mock_data "aws_availability_zones" {
    defaults = { names = ["ap-northeast-2a", "ap-northeast-2b"] }
  }

  mock_data "aws_region" {
    defaults = { name = "ap-northeast-2" }
  }

  mock_data "aws_iam_policy_document" {
    defaults = { json = "{}" }
  }
}

mock_provider "aws" {
  alias = "us_east_1"
}

mock_provider "aws" {
  alias = "replica"

  mock_data "aws_caller_identity" {
    defaults = { account_id = "210987654321" }
  }
}

variables {
  hostname              = "drop.example.com"
  zone                  = { name = "example.com" }
  build_host_public_key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJnVvbJ4QqUVBYWgmGy6Bw7kLS8S6mCkOUO3wPGyeP4q operator"
  lambda_package        = "outputs.tf" # any file: the tests do not run it
  repository            = { url = "https://github.com/example/marketday.git", commit = "0123456789abcdef0123456789abcdef01234567" }
  alarm_emails          = ["ops@example.com"]
}

run "stands" {
  command = plan

  assert {
    condition     = local.state_bucket == "marketday-state-210987654321-ap-northeast-2"
    error_message = "The state bucket is ${local.state_bucket}."
  }

  assert {
    condition     = aws_dynamodb_table.runs.point_in_time_recovery[0].enabled && aws_dynamodb_table.runs.deletion_protection_enabled
    error_message = "Runs must be recoverable and kept from destruction."
  }

  assert {
    condition     = one(aws_dynamodb_table.runs.ttl).attribute_name == "expires_epoch" && aws_dynamodb_table.runs.billing_mode == "PAY_PER_REQUEST"
    error_message = "Runs expire by expires_epoch and cost nothing idle."
  }

  assert {
    condition     = local.logs_bucket == "marketday-logs-210987654321-ap-northeast-2" && anytrue([for each in data.aws_iam_policy_document.evidence.statement : each.effect == "Deny" && contains(each.actions, "s3:DeleteObjectVersion") && contains(flatten([for test in each.condition : test.values]), "arn:aws:iam::210987654321:role/marketday-builder")])
    error_message = "A build host can remove what is kept of an environment."
  }

  assert {
    condition     = aws_kms_key.this.enable_key_rotation
    error_message = "The key must rotate."
  }

  assert {
    condition     = toset([for secret in aws_secretsmanager_secret.this : secret.name]) == toset(["marketday/build-host/ssh", "marketday/build-host/host-key", "marketday/slack/webhook"])
    error_message = "The secrets are not the three that the lifecycle uses."
  }

  assert {
    condition     = length(aws_budgets_budget.monthly) == 0
    error_message = "Nobody asked for a budget."
  }

  assert {
    condition     = one(aws_route53_zone.this[*].name) == "example.com"
    error_message = "Without an id the zone must be made."
  }

  assert {
    condition     = local.facts.prefix == 20 && length(local.facts.other_cidrs) == 0 && local.facts.pool == "10.64.0.0/12"
    error_message = "Environments take a /20 of the pool, and avoid no other range."
  }

  assert {
    condition     = local.facts.database_ca_pem == null && local.facts.provider_max_retries == null
    error_message = "Without certificates and retries none are passed on."
  }
}

run "all_that_an_operator_may_set" {
  command = plan

  variables {
    monthly_budget_usd   = 120
    zone                 = { name = "example.com", id = "Z0123456789ABCDEFGHIJ" }
    region               = "eu-central-1"
    replica_region       = "eu-west-1"
    event_pool           = "172.16.0.0/12"
    event_prefix         = 22
    other_cidrs          = ["192.168.0.0/16", "10.8.0.0/24"]
    provider_max_retries = 7
    database_ca_pem      = "-----BEGIN CERTIFICATE-----\nMIID+/=\n-----END CERTIFICATE-----\n-----BEGIN CERTIFICATE-----\nMIIE\n-----END CERTIFICATE-----\n"
    deletion_protection  = false
  }

  assert {
    condition     = one(aws_budgets_budget.monthly).limit_amount == "120" && one(aws_budgets_budget.monthly).time_unit == "MONTHLY"
    error_message = "The budget is not what was asked for."
  }

  assert {
    condition     = toset([for each in one(aws_budgets_budget.monthly).notification : each.notification_type]) == toset(["ACTUAL", "FORECASTED"])
    error_message = "A budget must notify about actual and forecast costs."
  }

  assert {
    condition = toset(one(one(aws_budgets_budget.monthly).cost_filter).values) == toset([
      for stack in ["permanent", "event", "link"] : format("user:marketday:stack%s%s", "$", stack)
    ])
    error_message = "A budget counts what carries the stacks' tag, spelt as AWS does: user:KEY$VALUE."
  }

  assert {
    condition     = length(aws_route53_zone.this) == 0 && local.zone_id == "Z0123456789ABCDEFGHIJ"
    error_message = "A zone that exists must be used."
  }

  assert {
    condition     = local.state_bucket == "marketday-state-210987654321-eu-central-1"
    error_message = "The state bucket is ${local.state_bucket}."
  }

  assert {
    condition     = local.facts.pool == "172.16.0.0/12" && local.facts.prefix == 22 && tolist(local.facts.other_cidrs) == tolist(["192.168.0.0/16", "10.8.0.0/24"])
    error_message = "Event stacks get networks that the operator did not set."
  }

  assert {
    condition     = local.facts.provider_max_retries == 7 && local.facts.database_ca_pem == var.database_ca_pem
    error_message = "Event stacks get retries or authorities that the operator did not set."
  }

  assert {
    condition     = !aws_dynamodb_table.runs.deletion_protection_enabled && alltrue([for secret in aws_secretsmanager_secret.this : secret.recovery_window_in_days == 0])
    error_message = "A test stack must leave nothing behind."
  }
}

# The controller also sends messages; nobody else may read the webhook.
run "the_controller_reads_slacks_webhook" {
  command = plan

  variables {
    prod = {
      vpc_id            = "vpc-1"
      vpc_cidr          = "10.0.0.0/16"
      host              = "db.internal"
      port              = 5432
      name              = "mall"
      security_group_id = "sg-1"
      subnet_ids        = ["subnet-1", "subnet-2"]
      subnet_cidrs      = ["10.0.0.0/24", "10.0.1.0/24"]
      route_table_ids   = ["rtb-1"]
      controller = {
        security_group_id = "sg-2"
        subnet_cidrs      = ["10.0.2.0/24"]
        route_table_ids   = ["rtb-2"]
        role_arn          = "arn:aws:iam::210987654321:role/marketday-prod-controller"
      }
    }
  }

  assert {
    condition     = local.readers.slack[1] == "arn:aws:iam::210987654321:role/marketday-prod-controller" && length(local.readers.slack) == 2
    error_message = "Slack's webhook is read by ${jsonencode(local.readers.slack)}."
  }

  assert {
    condition     = length(local.readers.ssh) == 1
    error_message = "The controller reads the key to build hosts."
  }
}
