# Wrong values are refused while planning, each by its own variable: here many at once.

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

run "refuses_values" {
  command = plan

  variables {
    region                    = "Seoul"
    hostname                  = "Drop.example.com"
    build_host_public_key     = "-----BEGIN OPENSSH PRIVATE KEY-----"
    build_host_vpc_cidr       = "10.0.0.0/16"
    build_host_instance_types = ["t4g.medium", "t3.medium"]
    terraform_version         = "1.12.0"
    lambda_package            = "no/such/package.zip"
    repository                = { url = "https://github.com/example/marketday.git", commit = "main" }
    host                      = "laptop"
    language                  = "fr"
    receipt_jwks              = "{\"keys\":[{\"kty\":\"OKP\",\"d\":\"c2VjcmV0\"}]}"
    log_retention_days        = 42
    alarm_emails              = ["nobody"]
    monthly_budget_usd        = -1
    event_pool                = "10.64.0.0/18"
    other_cidrs               = ["10.0.0.1/8"]
    database_ca_pem           = "rds.pem"
    edge_web_acl_arn          = "arn:aws:wafv2:ap-northeast-2:210987654321:regional/webacl/x/y"
  }

  expect_failures = [
    var.region,
    var.hostname,
    var.build_host_public_key,
    var.build_host_vpc_cidr,
    var.build_host_instance_types,
    var.terraform_version,
    var.lambda_package,
    var.repository,
    var.host,
    var.language,
    var.receipt_jwks,
    var.log_retention_days,
    var.alarm_emails,
    var.monthly_budget_usd,
    var.event_pool,
    var.other_cidrs,
    var.database_ca_pem,
    var.edge_web_acl_arn,
  ]
}

run "refuses_values_against_each_other_and_other_forms" {
  command = plan

  variables {
    replica_region      = "ap-northeast-2"
    zone                = { name = "example.org" }
    build_host_vpc_cidr = "10.0.0.0.0/26"
    repository          = { url = "git@github.com:example/marketday.git", commit = "0123456789abcdef0123456789abcdef01234567" }
    receipt_jwks        = "[]"
    monthly_budget_usd  = 0
    event_pool          = "10.0.0.0/16"
    event_prefix        = 15
    other_cidrs         = ["everywhere"]
    database_ca_pem     = "-----BEGIN CERTIFICATE-----\nMII=\n-----END CERTIFICATE-----\n-----BEGIN PRIVATE KEY-----\nMII=\n-----END PRIVATE KEY-----\n"

    build_host_instance_types     = ["t4g.medium", "t4g.small"] # 2 GB
    build_host_availability_zones = ["ap-northeast-2a", "ap-northeast-2a"]
    alarm_emails                  = []
  }

  expect_failures = [
    var.replica_region,
    var.zone,
    var.build_host_vpc_cidr,
    var.repository,
    var.receipt_jwks,
    var.monthly_budget_usd,
    var.event_prefix,
    var.other_cidrs,
    var.database_ca_pem,
    var.build_host_instance_types,
    var.build_host_availability_zones,
    var.alarm_emails,
  ]
}

run "refuses_values_in_a_third_form" {
  command = plan

  variables {
    build_host_instance_types     = ["c7g.medium"] # 2 GB, although other mediums have 4
    build_host_availability_zones = ["ap-northeast-2a", "ap-northeast-2c"]
    build_host_vpc_cidr           = "10.255.255.0/27" # too small for two zones
    alarms_reach_nobody           = true
    event_pool                    = "8.0.0.0/12"
    database_ca_pem               = "-----BEGIN CERTIFICATE-----\n${join("", [for n in range(700) : "MIIEBjCCAu6g"])}\n-----END CERTIFICATE-----\n"
  }

  expect_failures = [
    var.build_host_instance_types,
    var.build_host_vpc_cidr,
    var.alarm_emails,
    var.event_pool,
    var.database_ca_pem,
  ]
}

run "refuses_a_network_that_is_not_private_and_a_real_gateway_for_branches" {
  command = plan

  variables {
    build_host_vpc_cidr = "169.254.1.0/26"
    previews            = true
    mall = {
      issuer                 = "https://mall.example.com"
      jwks                   = "{\"keys\":[{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"kid\":\"1\",\"x\":\"AA\"}]}"
      public_url             = "https://mall.example.com"
      payment_gateway_url    = "https://sandbox.example.com@pay.example.com/sandbox"
      payment_key_secret_arn = "arn:aws:secretsmanager:ap-northeast-2:210987654321:secret:mall/payment-AbCdEf"
    }
  }

  expect_failures = [var.build_host_vpc_cidr, var.previews]
}

run "refuses_what_an_event_stack_would_refuse_days_later" {
  command = plan

  variables {
    other_cidrs = ["192.168.0.0/16", "fd00::/8"]
    event_pool  = "10.64.1.0/12"
    image_tag   = "v1:latest"
    repository  = { url = "https://token@github.com/example/marketday.git", commit = "0123456789abcdef0123456789abcdef01234567" }
    mall = {
      issuer                 = "https://mall.example.com"
      jwks                   = "{\"keys\":[]}"
      public_url             = "http://mall.example.com"
      payment_gateway_url    = "https://pay.example.com"
      payment_key_secret_arn = "arn:aws:secretsmanager:ap-northeast-2:210987654321:secret:mall/payment"
    }
  }

  expect_failures = [var.other_cidrs, var.event_pool, var.image_tag, var.repository, var.mall]
}
