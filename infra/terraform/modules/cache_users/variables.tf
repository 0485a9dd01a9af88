variable "name" {
  description = "The user group's name, and what the names of its users begin with."
  type        = string
}

variable "key_arn" {
  description = "The KMS key of the password's secret."
  type        = string
}
