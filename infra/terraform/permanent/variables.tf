variable "region" {
  description = "AWS region of this stack and of every event stack."
  type        = string
  default     = "ap-northeast-2"

  validation {
    condition     = can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", var.region))
    error_message = "region is \"${var.region}\"; expected a region's name, such as ap-northeast-2."
  }
}

variable "replica_region" {
  description = "Region that images are copied to, and from."
  type        = string
  default     = "ap-northeast-1"

  validation {
    condition     = can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", var.replica_region)) && var.replica_region != var.region
    error_message = "replica_region is \"${var.replica_region}\"; expected a region's name other than region (${var.region})."
  }
}

variable "provider_max_retries" {
  description = "How often the provider repeats a refused call; null is its own default."
  type        = number
  default     = null
}

variable "deletion_protection" {
  description = "Whether what cannot be made again (states, runs, images) is kept from destruction."
  type        = bool
  default     = true
}

variable "hostname" {
  description = "Host name of the event plane, such as drop.example.com."
  type        = string

  validation {
    condition     = can(regex("^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\\.)+[a-z]{2,}$", var.hostname))
    error_message = "hostname is \"${var.hostname}\"; expected a host name in lower case, such as drop.example.com."
  }
}

variable "zone" {
  description = "DNS zone that the host name lies in: its name, and its id where it exists already. Without an id the zone is made: delegate it to the name servers of the output `zone` within the hour, for the certificates wait for it."
  type        = object({ name = string, id = optional(string) })

  validation {
    condition     = var.hostname == var.zone.name || endswith(var.hostname, ".${var.zone.name}")
    error_message = "zone.name is \"${var.zone.name}\"; expected the zone that hostname (${var.hostname}) lies in."
  }
}

variable "edge_web_acl_arn" {
  description = "WAF for the edge (a global web ACL in us-east-1); null for none: it would cost by the month. Each event stack has its own at the load balancer."
  type        = string
  default     = null

  validation {
    condition     = var.edge_web_acl_arn == null || can(regex("^arn:[a-z-]+:wafv2:us-east-1:[0-9]{12}:global/webacl/", var.edge_web_acl_arn))
    error_message = "edge_web_acl_arn is \"${coalesce(var.edge_web_acl_arn, "null")}\"; expected null or the ARN of a global web ACL in us-east-1."
  }
}

variable "build_host_public_key" {
  description = "OpenSSH public key whose private half lies in the secret of the output `secrets.ssh`."
  type        = string

  validation {
    condition     = can(regex("^ssh-ed25519 [A-Za-z0-9+/]+=*( .*)?$", trimspace(var.build_host_public_key)))
    error_message = "build_host_public_key is \"${substr(var.build_host_public_key, 0, 24)}...\"; expected an OpenSSH key that begins with ssh-ed25519."
  }
}

variable "build_host_vpc_cidr" {
  description = "IPv4 range of the build host's own network, peered with nothing; a /24 to a /27."
  type        = string
  default     = "10.255.255.0/26"

  validation {
    condition     = can(cidrnetmask(var.build_host_vpc_cidr)) && can(regex("/2[4-7]$", var.build_host_vpc_cidr))
    error_message = "build_host_vpc_cidr is \"${var.build_host_vpc_cidr}\"; expected an IPv4 range from /24 to /27."
  }
}

variable "build_host_availability_zone" {
  description = "Zone that build hosts start in; null takes the first of the region."
  type        = string
  default     = null
}

variable "build_host_instance_type" {
  description = "Kind of machine that runs Terraform; the image is for arm64."
  type        = string
  default     = "t4g.small"

  validation {
    condition     = can(regex("^[a-z]+[0-9]+g[a-z]*\\.", var.build_host_instance_type))
    error_message = "build_host_instance_type is \"${var.build_host_instance_type}\"; expected a type with a Graviton processor, such as t4g.small."
  }
}

variable "terraform_version" {
  description = "Version of Terraform on the build host."
  type        = string
  default     = "1.11.4"

  validation {
    condition     = can(regex("^1\\.11\\.[0-9]+$", var.terraform_version))
    error_message = "terraform_version is \"${var.terraform_version}\"; expected a version 1.11.x, which the stacks are written for."
  }
}

variable "lambda_package" {
  description = "Path of the zip that the lifecycle's functions run."
  type        = string

  validation {
    condition     = endswith(var.lambda_package, ".zip") && fileexists(var.lambda_package)
    error_message = "lambda_package is \"${var.lambda_package}\"; expected the path of a zip that exists."
  }
}

variable "repository" {
  description = "Repository that build hosts clone, by HTTPS, and the commit: 40 hex digits."
  type        = object({ url = string, commit = string })

  validation {
    condition     = startswith(var.repository.url, "https://")
    error_message = "repository.url is \"${var.repository.url}\"; expected an address that begins with https://."
  }

  validation {
    condition     = can(regex("^[0-9a-f]{40}$", var.repository.commit))
    error_message = "repository.commit is \"${var.repository.commit}\"; expected a commit of 40 hex digits, for a branch can change overnight."
  }
}

variable "host" {
  description = "How the build host is worked: build-host (SSH with a pinned host key) or ssm (Run Command: no key, no port)."
  type        = string
  default     = "build-host"

  validation {
    condition     = contains(["build-host", "ssm"], var.host)
    error_message = "host is \"${var.host}\"; expected build-host or ssm."
  }
}

variable "language" {
  description = "Language of the lifecycle's messages."
  type        = string
  default     = "ko"

  validation {
    condition     = contains(["ko", "en"], var.language)
    error_message = "language is \"${var.language}\"; expected ko or en."
  }
}

variable "receipt_jwks" {
  description = "Public keys (a JWK set, as JSON) that sign the receipts of hand-backs. Without one no receipt is believed, so nothing is destroyed."
  type        = string
  default     = "{\"keys\":[]}"

  validation {
    condition     = can(jsondecode(var.receipt_jwks).keys[*])
    error_message = "receipt_jwks is \"${var.receipt_jwks}\"; expected a JWK set: a JSON object with `keys`."
  }

  validation {
    condition     = !can(regex("\"d\"\\s*:", var.receipt_jwks))
    error_message = "receipt_jwks holds a private key (a member `d`); expected public keys alone."
  }
}

variable "prod" {
  description = "Outputs of the prod stack that event and link stacks need (JSON types as they are); null before it stands."
  type        = any
  default     = null
}

variable "mall" {
  description = "What an event stack must know of the mall; null before it stands. The secret that is named must carry the tag marketday:for = event."
  type = object({
    issuer                 = string
    jwks                   = string
    public_url             = string
    payment_gateway_url    = string
    payment_key_secret_arn = string
  })
  default = null
}

variable "log_retention_days" {
  description = "Days that logs are kept; CloudWatch knows certain numbers only."
  type        = number
  default     = 365

  validation {
    condition     = contains([30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.log_retention_days)
    error_message = "log_retention_days is ${var.log_retention_days}; expected a number of days that CloudWatch knows, from 30 on, such as 365."
  }
}

variable "alarm_emails" {
  description = "Addresses that are told of alarms; each must confirm by a mail that AWS sends."
  type        = set(string)
  default     = []

  validation {
    condition     = alltrue([for address in var.alarm_emails : can(regex("^[^@\\s]+@[^@\\s]+\\.[^@\\s]+$", address))])
    error_message = "alarm_emails is ${jsonencode(var.alarm_emails)}; expected e-mail addresses."
  }
}

variable "monthly_budget_usd" {
  description = "Monthly cost of everything tagged marketday:stack, in USD, above which an alarm is sent (activate that tag as a cost allocation tag); null for none."
  type        = number
  default     = null

  validation {
    condition     = var.monthly_budget_usd == null || try(var.monthly_budget_usd > 0, false)
    error_message = "monthly_budget_usd is ${coalesce(var.monthly_budget_usd, 0)}; expected null or more than 0."
  }
}
