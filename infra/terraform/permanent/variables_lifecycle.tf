# How the lifecycle works, and on which machine.

variable "build_host_public_key" {
  description = "OpenSSH public key whose private half is in the secret of the output `secrets.ssh`."
  type        = string

  validation {
    condition     = can(regex("^ssh-ed25519 [A-Za-z0-9+/]+=*( .*)?$", trimspace(var.build_host_public_key)))
    error_message = "build_host_public_key is \"${substr(var.build_host_public_key, 0, 24)}...\"; expected an OpenSSH key that begins with ssh-ed25519."
  }
}

variable "build_host_vpc_cidr" {
  description = "IPv4 range of the build host's own network, a /24 to a /26. It is peered with no other network."
  type        = string
  default     = "10.255.255.0/26"

  validation {
    condition     = can(cidrnetmask(var.build_host_vpc_cidr)) && can(regex("/2[4-6]$", var.build_host_vpc_cidr))
    error_message = "build_host_vpc_cidr is \"${var.build_host_vpc_cidr}\"; expected an IPv4 range from /24 to /26."
  }

  # A public range would hide those who own it, and AWS takes no link-local one.
  validation {
    condition = anytrue([
      for range in ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10"] : try(
        tonumber(split("/", var.build_host_vpc_cidr)[1]) >= tonumber(split("/", range)[1]) &&
        cidrhost("${split("/", var.build_host_vpc_cidr)[0]}/${split("/", range)[1]}", 0) == split("/", range)[0],
        false,
      )
    ])
    error_message = "build_host_vpc_cidr is ${var.build_host_vpc_cidr}; expected a private range: inside 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16 or 100.64.0.0/10."
  }
}

variable "build_host_availability_zones" {
  description = "One or two zones in which build hosts start, the preferred one first; null for the first two of the region."
  type        = list(string)
  default     = null

  validation {
    condition     = var.build_host_availability_zones == null || try(contains([1, 2], length(distinct(var.build_host_availability_zones))) && length(var.build_host_availability_zones) == length(distinct(var.build_host_availability_zones)), false)
    error_message = "build_host_availability_zones is ${jsonencode(var.build_host_availability_zones)}; expected null, one zone, or two different ones."
  }
}

variable "build_host_instance_types" {
  description = "Instance types that run Terraform, the preferred one first, each with 4 GiB of memory or more: Terraform and its provider take 1.3 GB. The image is for arm64."
  type        = list(string)
  default     = ["t4g.medium", "m7g.medium"]

  validation {
    condition     = length(var.build_host_instance_types) > 0 && alltrue([for type in var.build_host_instance_types : can(regex("^[a-z]+[0-9]+g[a-z]*\\.", type))])
    error_message = "build_host_instance_types is ${jsonencode(var.build_host_instance_types)}; expected one or more types with a Graviton processor, such as t4g.medium."
  }

  validation {
    condition     = !anytrue([for type in var.build_host_instance_types : can(regex("\\.(nano|micro|small)$|^(a1|c[0-9]+g[a-z]*)\\.medium$", type))])
    error_message = "build_host_instance_types is ${jsonencode(var.build_host_instance_types)}, of which one has less than 4 GiB of memory; expected more, such as t4g.medium: Terraform and its provider take 1.3 GB, and are killed when it is too little."
  }
}

variable "terraform_version" {
  description = "Version of Terraform on the build host."
  type        = string
  default     = "1.11.4"

  validation {
    condition     = can(regex("^1\\.11\\.[0-9]+$", var.terraform_version))
    error_message = "terraform_version is \"${var.terraform_version}\"; expected a version 1.11.x, for which the stacks are written."
  }
}

variable "lambda_package" {
  description = "Path of the zip with the code of the lifecycle's functions."
  type        = string

  validation {
    condition     = fileexists(var.lambda_package)
    error_message = "lambda_package is \"${var.lambda_package}\"; expected the path of a zip that exists."
  }
}

variable "repository" {
  description = "Repository that build hosts clone, by HTTPS, and the commit: 40 hex digits. If it is private, a secret is made for a token that may read it."
  type        = object({ url = string, commit = string, private = optional(bool, false) })

  # Without a user or token: the address is in settings, logs and the list of processes.
  validation {
    condition     = can(regex("^https://[A-Za-z0-9.-]+(:[0-9]+)?(/[A-Za-z0-9._~-]+)+$", var.repository.url))
    error_message = "repository.url is not an address of git without a user, such as https://github.com/example/marketday.git; for a private repository set repository.private, and put the token into its secret."
  }

  validation {
    condition     = can(regex("^[0-9a-f]{40}$", var.repository.commit))
    error_message = "repository.commit is \"${var.repository.commit}\"; expected a commit of 40 hex digits, because a branch can change at any time."
  }
}

variable "host" {
  description = "How commands reach the build host: build-host (SSH with a pinned host key) or ssm (Run Command: no key, no port)."
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
  description = "Public keys (a JWK set, as JSON) that sign the receipts of hand-backs. Without a key no receipt is accepted, so nothing is destroyed."
  type        = string
  default     = "{\"keys\":[]}"

  validation {
    condition     = can(jsondecode(var.receipt_jwks).keys[*])
    error_message = "receipt_jwks is \"${var.receipt_jwks}\"; expected a JWK set: a JSON object with `keys`."
  }

  validation {
    condition     = !can(regex("\"d\"\\s*:", var.receipt_jwks))
    error_message = "receipt_jwks holds a private key (a member `d`); expected only public keys."
  }
}

variable "drift_schedule" {
  description = "When AWS is compared with Terraform's states, as a schedule of EventBridge Scheduler; null: never. A look costs less than a cent."
  type        = string
  default     = null

  validation {
    condition     = var.drift_schedule == null || can(regex("^(rate|cron)\\(.+\\)$", var.drift_schedule))
    error_message = "drift_schedule is ${jsonencode(var.drift_schedule)}; expected rate(...) or cron(...), such as rate(1 hour), or null."
  }
}
