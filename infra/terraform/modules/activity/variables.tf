variable "name" {
  description = "What every name here begins with."
  type        = string
}

variable "shards" {
  description = "How many shards the stream has: each takes 1 MB or 1,000 records a second."
  type        = number
}

variable "first_day" {
  description = "The first day that the archive can hold, YYYY-MM-DD."
  type        = string
}

variable "key_arn" {
  description = "The KMS key of the stream, the archive and the results."
  type        = string
}

variable "expire_days" {
  description = "How many days the archive and the logs are kept, if the environment lives that long."
  type        = number
}

variable "permissions_boundary_arn" {
  description = "The policy that no role made here can go beyond; null for none."
  type        = string
  default     = null
}
