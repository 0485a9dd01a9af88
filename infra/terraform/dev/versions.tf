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
      "marketday:stack" = "dev"
      "marketday:plane" = var.name
    }
  }
}
