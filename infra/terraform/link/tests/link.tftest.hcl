mock_provider "aws" {
  mock_data "aws_caller_identity" {
    defaults = { account_id = "123456789012" }
  }

  mock_data "aws_iam_policy_document" {
    defaults = { json = "{}" }
  }

  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::123456789012:role/link" }
  }

  mock_resource "aws_dms_replication_instance" {
    defaults = { replication_instance_arn = "arn:aws:dms:ap-northeast-2:123456789012:rep:LINK" }
  }

  mock_resource "aws_dms_endpoint" {
    defaults = { endpoint_arn = "arn:aws:dms:ap-northeast-2:123456789012:endpoint:LINK" }
  }

  mock_resource "aws_dms_certificate" {
    defaults = { certificate_arn = "arn:aws:dms:ap-northeast-2:123456789012:cert:RDS" }
  }
}

# Terraform cannot mock an ephemeral resource yet.
override_module {
  target  = module.source_credential
  outputs = { secret_arn = "arn:aws:secretsmanager:ap-northeast-2:123456789012:secret:md-3f9a1c2e-link-source" }
}

override_module {
  target  = module.target_credential
  outputs = { secret_arn = "arn:aws:secretsmanager:ap-northeast-2:123456789012:secret:md-3f9a1c2e-link-target" }
}

variables {
  region         = "ap-northeast-2"
  environment_id = "0198f0aa-1111-7222-8333-44443f9a1c2e"
  drop           = "tint-2026"
  expires_at     = timeadd(timestamp(), "3h")
  staging_schema = "drop_tint_2026_3f9a1c2e"

  event = {
    vpc_id            = "vpc-e"
    vpc_cidr          = "10.40.0.0/16"
    host              = "event.example.internal"
    port              = 5432
    name              = "drop"
    security_group_id = "sg-event"
    subnet_cidrs      = ["10.40.200.0/24", "10.40.201.0/24"]
    route_table_ids   = ["rtb-e"]
  }

  prod = {
    vpc_id            = "vpc-p"
    vpc_cidr          = "10.20.0.0/16"
    host              = "prod.example.internal"
    port              = 5432
    name              = "mall"
    security_group_id = "sg-prod"
    subnet_ids        = ["subnet-a", "subnet-b"]
    subnet_cidrs      = ["10.20.200.0/24", "10.20.201.0/24"]
    route_table_ids   = ["rtb-p"]
    kms_key_arn       = "arn:aws:kms:ap-northeast-2:123456789012:key/00000000-0000-0000-0000-000000000000"
  }
}

run "plan" {
  command = plan
}
