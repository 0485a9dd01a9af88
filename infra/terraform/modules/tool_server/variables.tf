variable "name" {
  description = "Name of the machine and of everything that belongs to it."
  type        = string
}

variable "vpc_id" {
  description = "The network."
  type        = string
}

variable "subnet_id" {
  description = "An app subnet."
  type        = string
}

variable "instance_type" {
  description = "Instance type with a Graviton processor."
  type        = string
}

variable "disk_gb" {
  description = "Size of its disk in GiB."
  type        = number
}

variable "user_data" {
  description = "What it does when it starts for the first time. It holds no secret."
  type        = string
}

variable "secret_arns" {
  description = "Secrets that it may read."
  type        = list(string)
}

variable "policies" {
  description = "Further policy documents (JSON) of its role."
  type        = list(string)
  default     = []
}

variable "key_arn" {
  description = "KMS key of its disk, its log and its secrets."
  type        = string
}

variable "log_retention_days" {
  description = "How many days its log is kept."
  type        = number
}

variable "deletion_protection" {
  description = "Whether AWS refuses to terminate it."
  type        = bool
}

variable "image" {
  description = "Its image; null for the newest Amazon Linux 2023."
  type        = string
  default     = null
}
