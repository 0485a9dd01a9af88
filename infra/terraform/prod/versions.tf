terraform {
  required_version = "~> 1.11"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "= 5.100.0"
    }
  }

  backend "s3" {}
}

provider "aws" {
  region      = var.region
  max_retries = var.provider_max_retries

  default_tags {
    tags = {
      "marketday:stack" = "prod"
      "marketday:plane" = var.name
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
      "marketday:stack" = "prod"
      "marketday:plane" = var.name
    }
  }
}
