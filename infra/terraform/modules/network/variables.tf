variable "name" {
  description = "The beginning of every name of this network."
  type        = string
}

variable "vpc_cidr" {
  description = "The network's own range, from /16 to /22."
  type        = string

  validation {
    condition     = can(cidrhost(var.vpc_cidr, 0)) && try(cidrhost(var.vpc_cidr, 0) == split("/", var.vpc_cidr)[0], false)
    error_message = "vpc_cidr is ${var.vpc_cidr}; expected the first address of an IPv4 range and its length, such as 10.20.0.0/16."
  }

  validation {
    condition     = try(tonumber(split("/", var.vpc_cidr)[1]) >= 16 && tonumber(split("/", var.vpc_cidr)[1]) <= 22, false)
    error_message = "vpc_cidr is ${var.vpc_cidr}; expected a length from /16 (the largest VPC) to /22 (load balancers want subnets of at least /27)."
  }

  # From a network with a public range, the real owners of its addresses cannot be reached. AWS refuses a link-local range.
  validation {
    condition = anytrue([
      for range in ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10"] : try(
        tonumber(split("/", var.vpc_cidr)[1]) >= tonumber(split("/", range)[1]) &&
        cidrhost("${split("/", var.vpc_cidr)[0]}/${split("/", range)[1]}", 0) == split("/", range)[0],
        false,
      )
    ])
    error_message = "vpc_cidr is ${var.vpc_cidr}; expected a private range: inside 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16 or 100.64.0.0/10."
  }
}

variable "other_cidrs" {
  description = "Ranges that this one must not overlap."
  type        = list(string)
  default     = []
}

variable "availability_zones" {
  description = "The zones in which each tier has a subnet, two or three."
  type        = list(string)

  validation {
    condition     = length(distinct(var.availability_zones)) == length(var.availability_zones) && contains([2, 3], length(var.availability_zones))
    error_message = "availability_zones are ${jsonencode(var.availability_zones)}; expected two or three, each once."
  }
}

variable "nat" {
  description = "Whether the app subnets reach the internet, each by a NAT gateway of its own zone."
  type        = bool
  default     = true
}

variable "one_nat" {
  description = "Whether all zones share the NAT gateway of the first one: cheaper, and without that zone nothing reaches the internet."
  type        = bool
  default     = false
}

variable "interface_endpoints" {
  description = "The AWS services that the app subnets reach without the internet, by short name, such as ecr.api or logs."
  type        = set(string)
  default     = []
}

variable "s3_endpoint" {
  description = "Whether app and database subnets reach S3 without the internet."
  type        = bool
  default     = true
}

variable "dynamodb_endpoint" {
  description = "Whether app and controller subnets reach DynamoDB without the internet."
  type        = bool
  default     = false
}

variable "controller_tier" {
  description = "Whether there is a tier of subnets for the mall's controller; the range must then be a /20 or larger."
  type        = bool
  default     = false
}

variable "tier_tags" {
  description = "More tags for the subnets of a tier, by which others find them."
  type = object({
    public     = optional(map(string), {})
    app        = optional(map(string), {})
    controller = optional(map(string), {})
  })
  default = {}
}

variable "log_retention_days" {
  description = "How many days the flow logs are kept."
  type        = number
  default     = 30
}

variable "logs_key_arn" {
  description = "The KMS key that encrypts the flow logs; null for CloudWatch's own."
  type        = string
  default     = null
}

variable "permissions_boundary_arn" {
  description = "The permissions boundary of every role made here; null for none."
  type        = string
  default     = null
}

variable "close_default_group" {
  description = "Whether the network's default security group loses its rules. If not, it stays as AWS makes it: only its own members reach each other, and nothing is a member."
  type        = bool
  default     = true
}
