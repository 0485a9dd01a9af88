variable "name" {
  description = "The environment's name."
  type        = string
}

variable "log_groups" {
  description = "Names of the log groups whose lines are kept, by a word for each."
  type        = map(string)
}

variable "evidence_bucket" {
  description = "Name of the bucket that keeps them after the environment is removed."
  type        = string
}

variable "permissions_boundary_arn" {
  description = "The permissions boundary of every role made here; null for none."
  type        = string
  default     = null
}
