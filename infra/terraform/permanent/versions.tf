terraform {
  required_version = "~> 1.11"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "= 5.100.0"
    }
  }

  # The state is in the bucket that this stack makes: apply once with a local backend, or create that bucket from
  # infra/cloudformation/recovery.yaml, then `terraform init -migrate-state` with bucket, key, region and use_lockfile.
  backend "s3" {}
}

provider "aws" {
  region      = var.region
  max_retries = var.provider_max_retries

  default_tags {
    tags = local.tags
  }
}

# CloudFront reads its certificate in this region, even if the other resources are in another one.
provider "aws" {
  alias       = "us_east_1"
  region      = "us-east-1"
  max_retries = var.provider_max_retries

  default_tags {
    tags = local.tags
  }
}

provider "aws" {
  alias       = "replica"
  region      = var.replica_region
  max_retries = var.provider_max_retries

  default_tags {
    tags = local.tags
  }
}
