"""What the chain through the functions builds: a small stack for Terraform itself, and what stands in for Terraform."""

EVENT = """
terraform {
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
  max_retries = 2

  default_tags {
    tags = { "marketday:stack" = "event", "marketday:environment" = var.environment_id }
  }
}

variable "region" { type = string }
variable "environment_id" { type = string }
variable "hostname" { type = string }

locals { name = "md-${substr(replace(var.environment_id, "-", ""), 24, 8)}" }

resource "aws_ssm_parameter" "first" {
  name  = "/${local.name}/first"
  type  = "String"
  value = "1"
}

resource "aws_ssm_parameter" "second" {
  name  = "/${local.name}/second"
  type  = "String"
  value = aws_ssm_parameter.first.arn
}

output "public_url" { value = "https://${var.hostname}" }
"""
STAND_IN = r"""#!/bin/sh
# Stands in for Terraform: writes down what it is asked, fails where the file `fail` says so, hangs where `hang` does.
folder=$(dirname "$0")
case "$1" in -chdir=*) shift ;; esac
echo "$1" >> "$folder/calls"
if [ "$1" = "$(cat "$folder/hang" 2> /dev/null)" ]; then
    echo $PPID $$ > "$folder/hung.new" && mv "$folder/hung.new" "$folder/hung"
    while :; do sleep 0.1; done
fi
if [ "$1" = "$(cat "$folder/fail" 2> /dev/null)" ]; then
    cat "$folder/words"
    exit 1
fi
for each in "$@"; do
    case "$each" in -out=*) echo a plan > "${each#-out=}" ;; esac
done
case "$1" in
    state) printf '  "serial": 4,\n  "lineage": "a-b-c",\n' ;;
    show) echo '{"resource_changes": [{"address": "aws_vpc.this", "change": {"actions": ["create"]}}]}' ;;
    output) echo '{"public_url": {"value": "https://event.example.com"}}' ;;
esac
"""
LOCKED = """Error: Error acquiring the state lock

Lock Info:
  ID:        6d8f4f0e-0f4e-4f0a-9a53-0123456789ab
"""
