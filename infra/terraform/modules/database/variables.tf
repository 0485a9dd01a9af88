variable "name" {
  description = "The instance's name."
  type        = string
}

variable "subnet_ids" {
  description = "The database subnets, one in each zone."
  type        = list(string)
}

variable "security_group_id" {
  description = "The instance's security group."
  type        = string
}

variable "engine_version" {
  description = "PostgreSQL's version: its first number, or more of it."
  type        = string
}

variable "size" {
  description = "The instance's class and its storage in GiB."
  type        = object({ instance_class = string, storage_gb = number })
}

variable "key_arn" {
  description = "The KMS key of its storage, its master secret, its performance insights and its log."
  type        = string
}

variable "log_retention_days" {
  description = "How many days its log is kept."
  type        = number
}

variable "deletion_protection" {
  description = "Whether AWS refuses to delete it."
  type        = bool
}

variable "backup_days" {
  description = "How many days RDS keeps backups, also after the database is removed; then it removes them itself."
  type        = number
  default     = 7
}
