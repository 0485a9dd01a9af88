variable "name" {
  description = "The beginning of every name here."
  type        = string
}

variable "shards" {
  description = "How many shards the stream has: each accepts 1 MB or 1,000 records a second."
  type        = number
}

variable "first_day" {
  description = "The first day that the archive can hold, YYYY-MM-DD."
  type        = string
}

variable "evidence_bucket" {
  description = "Name of the bucket that keeps the archive after the environment is removed."
  type        = string
}

variable "key_arn" {
  description = "The KMS key of the stream and the log."
  type        = string
}

variable "expire_days" {
  description = "How many days the logs are kept, if the environment exists that long."
  type        = number
}

variable "permissions_boundary_arn" {
  description = "The permissions boundary of every role made here; null for none."
  type        = string
  default     = null
}
