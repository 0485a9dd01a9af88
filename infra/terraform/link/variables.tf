variable "region" {
  description = "The region of both networks."
  type        = string

  validation {
    condition     = can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", var.region))
    error_message = "region is ${var.region}; expected one of AWS, such as ap-northeast-2."
  }
}

variable "provider_max_retries" {
  description = "How often the provider repeats a call that failed; null for its own default."
  type        = number
  default     = null
}

variable "environment_id" {
  description = "The environment's UUID."
  type        = string

  validation {
    condition     = can(regex("^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$", var.environment_id))
    error_message = "environment_id is ${var.environment_id}; expected a UUID in small letters."
  }
}

variable "drop" {
  description = "The drop's slug."
  type        = string

  validation {
    condition     = can(regex("^[a-z0-9]+(-[a-z0-9]+)*$", var.drop)) && length(var.drop) <= 40
    error_message = "drop is ${var.drop}; expected a slug of at most 40 small letters and digits, with single hyphens between words, such as tint-2026."
  }
}

variable "expires_at" {
  description = "When the link must be removed: a time in UTC, at most 24 hours after the plan."
  type        = string

  validation {
    condition     = can(timeadd(var.expires_at, "0s")) && endswith(var.expires_at, "Z")
    error_message = "expires_at is ${var.expires_at}; expected a time in UTC such as 2026-08-01T15:00:00Z."
  }
}

variable "event" {
  description = "The event plane's network, database and cache: the outputs of the stack event. If cache is null, the waiting room cannot be reached."
  type = object({
    vpc_id            = string
    vpc_cidr          = string
    host              = string
    port              = number
    name              = string
    security_group_id = string
    subnet_cidrs      = list(string)
    route_table_ids   = list(string)
    cache             = optional(object({ port = number, security_group_id = string }))
  })
}

variable "prod" {
  description = "The prod plane's network, database and controller: the outputs of the stack prod. kms_key_arn encrypts the copied data; null for AWS's own keys."
  type = object({
    vpc_id            = string
    vpc_cidr          = string
    host              = string
    port              = number
    name              = string
    security_group_id = string
    subnet_ids        = list(string)
    subnet_cidrs      = list(string)
    route_table_ids   = list(string)
    kms_key_arn       = optional(string)
    controller = optional(object({
      security_group_id = string
      subnet_cidrs      = list(string)
      route_table_ids   = list(string)
    }))
  })
}

variable "replication" {
  description = "The replication instance: its class, its disk in GB, and the version of DMS."
  type = object({
    instance_class = string
    storage_gb     = number
    engine_version = optional(string, "3.6.1")
  })
  default = { instance_class = "dms.r6i.large", storage_gb = 50 }
}

variable "staging_schema" {
  description = "The schema of the mall database into which the drop is copied."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9_]{0,62}$", var.staging_schema))
    error_message = "staging_schema is ${var.staging_schema}; expected at most 63 small letters, digits and underscores: PostgreSQL would cut a longer name."
  }
}

variable "database_ca_pem" {
  description = "The certificates of RDS's authorities in this region, as PEM: the server must prove its identity with one. Null: encrypted, but the server is not checked."
  type        = string
  default     = null
}

variable "permissions_boundary_arn" {
  description = "The permissions boundary of the link's role; null for none."
  type        = string
  default     = null
}
