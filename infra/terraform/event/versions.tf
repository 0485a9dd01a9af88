terraform {
  required_version = "~> 1.11"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "= 5.100.0"
    }
  }

  # Bucket, key and lock are given to `terraform init`.
  backend "s3" {}
}

provider "aws" {
  region      = var.region
  max_retries = var.provider_max_retries

  # The sweep after the destroy looks for these tags.
  default_tags {
    tags = {
      "marketday:stack"       = "event"
      "marketday:drop"        = var.drop
      "marketday:environment" = var.environment_id
      "marketday:expires"     = var.expires_at
    }
  }
}

# Where copies of backups are kept; without them nothing is asked there.
provider "aws" {
  alias       = "recovery"
  region      = try(var.recovery.region, var.region)
  max_retries = var.provider_max_retries

  default_tags {
    tags = {
      "marketday:stack"       = "event"
      "marketday:drop"        = var.drop
      "marketday:environment" = var.environment_id
      "marketday:expires"     = var.expires_at
    }
  }
}
