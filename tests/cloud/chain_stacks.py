"""What the chains build: a small stack for Terraform itself; and what Terraform says of a locked state."""

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
LOCKED = """Error: Error acquiring the state lock

Lock Info:
  ID:        6d8f4f0e-0f4e-4f0a-9a53-0123456789ab
"""


def gated(gate) -> str:
    """Return the stack with a gate before its things: a run that comes there waits, and can be killed."""
    waits = f"touch {gate.reached}; while [ -e {gate.hold} ]; do sleep 0.1; done"
    step = f"""
resource "terraform_data" "gate" {{
  input = "1"

  provisioner "local-exec" {{
    command = "{waits}"
  }}
}}
"""
    return EVENT.replace('value = "1"', "value = terraform_data.gate.output") + step
