variable "name" {
  description = "The user group's name, and the beginning of its users' names."
  type        = string
}

variable "key_arn" {
  description = "The KMS key of the password's secret."
  type        = string
}
