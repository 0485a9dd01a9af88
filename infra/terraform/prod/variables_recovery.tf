# Copies in another region beforehand, and what a plane is brought back from there: docs/recovery.md.

variable "recovery" {
  description = "Where secrets and backups of the database are copied to, for how many days, and with which key of that region: the output of the same name of the stack permanent; null for nowhere."
  type        = object({ region = string, kms_key_arn = string, backup_days = optional(number, 7) })
  default     = null

  validation {
    condition     = var.recovery == null || try(var.recovery.region != var.region && split(":", var.recovery.kms_key_arn)[3] == var.recovery.region, false)
    error_message = "recovery is ${jsonencode(var.recovery)}; expected another region than ${var.region}, and a key of that region."
  }
}

variable "restore_from" {
  description = "What the database is made from when it is made: a copy of backups (`backups_arn`, to its last moment) or a snapshot (`snapshot_arn`), and the key that encrypts it; null makes an empty one. Keep it afterwards: the key stays the database's."
  type        = object({ backups_arn = optional(string), snapshot_arn = optional(string), kms_key_arn = string })
  default     = null

  validation {
    condition     = var.restore_from == null || try((var.restore_from.backups_arn == null) != (var.restore_from.snapshot_arn == null), false)
    error_message = "restore_from is ${jsonencode(var.restore_from)}; expected backups_arn or snapshot_arn, and not both."
  }

  validation {
    condition     = var.restore_from == null || try(alltrue([for arn in compact(values(var.restore_from)) : split(":", arn)[3] == var.region]), false)
    error_message = "restore_from is ${jsonencode(var.restore_from)}; expected ARNs of ${var.region}: RDS restores only what is in the region."
  }
}
