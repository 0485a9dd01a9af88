# Images: a pushed image never changes, is scanned, and is copied to the other region.

mock_provider "aws" {
  mock_data "aws_caller_identity" {
    defaults = { account_id = "210987654321" }
  }

  mock_data "aws_partition" {
    defaults = { partition = "aws", dns_suffix = "amazonaws.com" }
  }

  mock_data "aws_region" {
    defaults = { name = "ap-northeast-2" }
  }

  mock_data "aws_availability_zones" {
    defaults = { names = ["ap-northeast-2a", "ap-northeast-2b"] }
  }

  mock_data "aws_iam_policy_document" {
    defaults = { json = "{}" }
  }
}

run "region" {
  command = plan

  module {
    source = "../modules/registry"
  }

  variables {
    replica_region = "ap-northeast-1"
  }

  assert {
    condition     = toset([for each in aws_ecr_repository.this : each.name]) == toset([for image in ["console", "controller", "gate", "mall", "migrate", "store", "worker"] : "marketday/${image}"])
    error_message = "Each image has a repository."
  }

  assert {
    condition = alltrue([for each in aws_ecr_repository.this :
    each.image_tag_mutability == "IMMUTABLE" && each.image_scanning_configuration[0].scan_on_push && each.encryption_configuration[0].encryption_type == "KMS"])
    error_message = "Tags must be immutable, images scanned and encrypted."
  }

  assert {
    condition     = one(aws_ecr_replication_configuration.this.replication_configuration[0].rule[0].destination).region == "ap-northeast-1"
    error_message = "Images must go to the replica's region."
  }

  assert {
    condition     = one(aws_ecr_replication_configuration.this.replication_configuration[0].rule[0].repository_filter).filter == "marketday/"
    error_message = "Only Marketday's images are copied."
  }
}

run "and_back" {
  command = plan

  module {
    source = "../modules/registry"
  }

  variables {
    replica_region = "ap-northeast-2"
  }

  assert {
    condition     = one(aws_ecr_replication_configuration.this.replication_configuration[0].rule[0].destination).region == "ap-northeast-2"
    error_message = "What is pushed to the replica comes back."
  }
}
