# What is copied to another region beforehand, so that everything can be brought back there: docs/recovery.md.

variable "recovery_region" {
  description = "Region in which everything can be brought back if this one is lost: the secrets, the evidence and the databases' backups are copied there. The same as replica_region, because the images are there; null copies none of these."
  type        = string
  default     = null

  validation {
    condition     = var.recovery_region == null || try(var.recovery_region == var.replica_region, false)
    error_message = "recovery_region is \"${coalesce(var.recovery_region, "null")}\"; expected null, or replica_region (${var.replica_region}): the images are copied there."
  }
}

variable "backup_copy_days" {
  description = "How many days the copies of the databases' backups are kept in recovery_region."
  type        = number
  default     = 7

  validation {
    condition     = var.backup_copy_days >= 1 && var.backup_copy_days <= 35 && floor(var.backup_copy_days) == var.backup_copy_days
    error_message = "backup_copy_days is ${var.backup_copy_days}; expected a whole number from 1 to 35, a rule of RDS."
  }
}
