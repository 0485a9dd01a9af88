variable "region" {
  description = "The region of the mall."
  type        = string
}

variable "provider_max_retries" {
  description = "How often the provider repeats a call that failed; null for its own default."
  type        = number
  default     = null
}

variable "name" {
  description = "The beginning of every name of the prod plane."
  type        = string
  default     = "marketday-prod"

  validation {
    condition     = can(regex("^[a-z][a-z0-9]*(-[a-z0-9]+)*$", var.name)) && length(var.name) <= 24
    error_message = "name is ${var.name}, ${length(var.name)} characters; expected at most 24 small letters and digits, with single hyphens between words, such as marketday-prod: a load balancer is called NAME-console and may have 32 characters."
  }
}

variable "vpc_cidr" {
  description = "The network's own range, a /16 to a /20. No event environment may overlap it."
  type        = string

  validation {
    condition     = can(regex("^(10\\.|192\\.168\\.|172\\.(1[6-9]|2[0-9]|3[01])\\.)", var.vpc_cidr))
    error_message = "vpc_cidr is ${var.vpc_cidr}; expected a private range, within 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16: to addresses of others, pods could no longer connect."
  }

  validation {
    condition     = can(regex("/(1[6-9]|20)$", var.vpc_cidr))
    error_message = "vpc_cidr is ${var.vpc_cidr}; expected a length from /16 to /20: each pod takes an address."
  }
}

variable "event_pool" {
  description = "The range from which event environments take their networks, the same as in the stack permanent. The controller may go there, by a link."
  type        = string
  default     = "10.64.0.0/12"

  validation {
    condition     = try(cidrhost(var.event_pool, 0) == split("/", var.event_pool)[0], false) && can(regex("/(8|9|1[0-6])$", var.event_pool))
    error_message = "event_pool is ${var.event_pool}; expected the first address of an IPv4 range from /8 to /16, such as 10.64.0.0/12."
  }

  # A public range would hide those who own it, and AWS takes no link-local one.
  validation {
    condition = anytrue([
      for range in ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10"] : try(
        tonumber(split("/", var.event_pool)[1]) >= tonumber(split("/", range)[1]) &&
        cidrhost("${split("/", var.event_pool)[0]}/${split("/", range)[1]}", 0) == split("/", range)[0],
        false,
      )
    ])
    error_message = "event_pool is ${var.event_pool}; expected a private range: inside 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16 or 100.64.0.0/10."
  }
}

# Named, not looked up: a zone that AWS adds or removes must not change the network of an open mall.
variable "zones" {
  description = "The letters of the zones that are used, two or three. A further one comes last: their order gives each its addresses."
  type        = list(string)
  default     = ["a", "b", "c"]

  validation {
    condition     = length(distinct(var.zones)) == length(var.zones) && contains([2, 3], length(var.zones)) && alltrue([for letter in var.zones : can(regex("^[a-f]$", letter))])
    error_message = "zones are ${jsonencode(var.zones)}; expected two or three different letters such as a, b and c."
  }
}

variable "database" {
  description = "The database: its class, its storage in GiB, and the size up to which the storage grows by itself."
  type = object({
    instance_class = string
    storage_gb     = number
    max_storage_gb = number
  })
  default = { instance_class = "db.m7g.large", storage_gb = 100, max_storage_gb = 500 }

  validation {
    condition     = var.database.max_storage_gb >= var.database.storage_gb * 1.1
    error_message = "database.max_storage_gb is ${var.database.max_storage_gb}; expected at least 10 % more than storage_gb, ${var.database.storage_gb}, a rule of RDS."
  }
}

variable "engine_version" {
  description = "PostgreSQL's version: its first number, or more of it. The link's DMS must support it."
  type        = string
  default     = "17"

  validation {
    condition     = can(regex("^[0-9]+(\\.[0-9]+)?$", var.engine_version))
    error_message = "engine_version is ${var.engine_version}; expected a version of PostgreSQL such as 17 or 17.5."
  }
}

variable "database_password_version" {
  description = "A number; when it grows, the database's owner gets another password, and the pods must be started again."
  type        = number
  default     = 1
}

variable "deletion_protection" {
  description = "Whether AWS refuses to delete the database, and keeps deleted secrets for 30 days."
  type        = bool
  default     = true
}

variable "skip_final_snapshot" {
  description = "Whether the database may be deleted without a last snapshot."
  type        = bool
  default     = false
}

variable "log_retention_days" {
  description = "How many days logs are kept."
  type        = number
  default     = 365
}

variable "dms_service_roles_exist" {
  description = "Whether the account already has dms-vpc-role and dms-cloudwatch-logs-role; DMS finds them by these names in every region."
  type        = bool
  default     = false
}
