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


IN_A_NETWORK = """
resource "aws_vpc" "this" {
  cidr_block = "10.77.0.0/16"
  tags       = { Name = local.name }
}

resource "aws_subnet" "this" {
  vpc_id     = aws_vpc.this.id
  cidr_block = "10.77.1.0/24"
  tags       = { Name = local.name }
}

resource "aws_internet_gateway" "this" {
  vpc_id = aws_vpc.this.id
  tags   = { Name = local.name }
}

resource "aws_route_table" "this" {
  vpc_id = aws_vpc.this.id
  tags   = { Name = local.name }
}

resource "aws_route" "this" {
  route_table_id         = aws_route_table.this.id
  destination_cidr_block = "0.0.0.0/0"
  gateway_id             = aws_internet_gateway.this.id
}

resource "aws_route_table_association" "this" {
  subnet_id      = aws_subnet.this.id
  route_table_id = aws_route_table.this.id
}
"""


def gated(gate) -> str:
    """Return the stack, and a network, with a gate before its second thing: an apply waits there, and can be killed."""
    waits = f"touch {gate.reached}; while [ -e {gate.hold} ]; do sleep 0.1; done"
    step = f"""
resource "terraform_data" "gate" {{
  input = [aws_ssm_parameter.first.arn, aws_route.this.id, aws_route_table_association.this.id]

  provisioner "local-exec" {{
    command = "{waits}"
  }}
}}
"""
    behind = EVENT.replace("value = aws_ssm_parameter.first.arn", "value = terraform_data.gate.output[0]")
    return behind + IN_A_NETWORK + step
