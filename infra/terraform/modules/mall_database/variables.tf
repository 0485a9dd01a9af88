variable "name" {
  description = "The instance's name."
  type        = string
}

variable "database" {
  description = "The database that is made in it."
  type        = string
  default     = "mall"
}

variable "multi_az" {
  description = "Whether a second instance in another zone takes over when this one fails."
  type        = bool
  default     = true
}

variable "vpc_id" {
  description = "The network."
  type        = string
}

variable "subnet_ids" {
  description = "The database subnets, one in each zone."
  type        = list(string)
}

variable "engine_version" {
  description = "PostgreSQL's version: its first number, or more of it."
  type        = string
}

variable "size" {
  description = "The instance's class, its storage in GiB, and the size up to which it grows."
  type        = object({ instance_class = string, storage_gb = number, max_storage_gb = number })
}

variable "owner" {
  description = "The name of the database's owner."
  type        = string
}

variable "password" {
  description = "The owner's password, which neither plan nor state keeps."
  type        = string
  ephemeral   = true
}

variable "password_version" {
  description = "A number that grows with each new password."
  type        = number
}

variable "key_arn" {
  description = "The KMS key of its storage, its performance insights and its logs."
  type        = string
}

variable "log_retention_days" {
  description = "How many days its logs are kept."
  type        = number
}

variable "deletion_protection" {
  description = "Whether AWS refuses to delete it."
  type        = bool
}

variable "skip_final_snapshot" {
  description = "Whether it may be deleted without a last snapshot."
  type        = bool
}

variable "restore_from" {
  description = "What it is made from, and the key of that; null for an empty one."
  type        = object({ backups_arn = optional(string), snapshot_arn = optional(string), kms_key_arn = string })
  default     = null
}
