variable "name" {
  description = "The user group's name, and the beginning of its users' names."
  type        = string
}

variable "key_arn" {
  description = "The KMS key of the password's secret."
  type        = string
}

variable "user" {
  description = "The user with which services sign in, and the keys that it may use, as an access string of Valkey has them."
  type        = object({ name = string, keys = string })
  default     = { name = "room", keys = "~rooms ~room:*" }
}

variable "recovery_days" {
  description = "How many days the deleted password can be restored; 0: it is gone at once."
  type        = number
  default     = 0
}
