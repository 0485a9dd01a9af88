variable "name" {
  description = "The beginning of every name of the replication."
  type        = string
}

variable "instance" {
  description = "The replication instance: its class, its disk in GB, and the version of DMS."
  type = object({
    instance_class = string
    storage_gb     = number
    engine_version = string
  })

  validation {
    condition     = can(regex("^dms\\.", var.instance.instance_class))
    error_message = "instance.instance_class is ${var.instance.instance_class}; expected a class of DMS such as dms.r6i.large."
  }
}

variable "subnet_ids" {
  description = "The subnets of the replication instance, in two zones."
  type        = list(string)
}

variable "security_group_id" {
  description = "The security group that lets the instance reach both databases."
  type        = string
}

variable "kms_key_arn" {
  description = "The KMS key that encrypts the copied data; null for AWS's own."
  type        = string
}

variable "source_database" {
  description = "The database to copy from, and the secret with its credential."
  type = object({
    name       = string
    secret_arn = string
  })
}

variable "target_database" {
  description = "The database to copy into, and the secret with its credential."
  type = object({
    name       = string
    secret_arn = string
  })
}

variable "staging_schema" {
  description = "The schema of the mall database into which the drop is copied."
  type        = string

  validation {
    condition     = can(regex("^drop_[a-z0-9_]{1,49}_[0-9a-f]{8}$", var.staging_schema))
    error_message = "staging_schema is ${var.staging_schema}; expected a drop's own schema such as drop_tint_2026_3f9a1c2e, never one of the mall's."
  }
}

variable "table_preparation" {
  description = "What the task does to a table of the staging schema before it loads it."
  type        = string
  default     = "DO_NOTHING"

  validation {
    condition     = var.table_preparation == "DO_NOTHING"
    error_message = "table_preparation is ${var.table_preparation}; expected DO_NOTHING: the link never drops or empties a table of prod."
  }
}

variable "database_ca_pem" {
  description = "The certificates of RDS's authorities in this region, as PEM: the server must prove its identity with one. Null: encrypted, but the server is not checked."
  type        = string
}

variable "permissions_boundary_arn" {
  description = "The permissions boundary of the link's role; null for none."
  type        = string
}
