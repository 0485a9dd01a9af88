variable "name" {
  description = "The network's name: the beginning of the role's and the flow log's names."
  type        = string
}

variable "vpc_id" {
  description = "The network."
  type        = string
}

variable "log_group" {
  description = "Name of the log group that is made for it."
  type        = string
}

variable "log_retention_days" {
  description = "How many days the flow logs are kept."
  type        = number
}

variable "key_arn" {
  description = "The KMS key that encrypts the flow logs; null for CloudWatch's own."
  type        = string
  default     = null
}

variable "permissions_boundary_arn" {
  description = "The permissions boundary of the role; null for none."
  type        = string
  default     = null
}
