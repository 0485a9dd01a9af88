variable "cluster" {
  description = "The cluster: its name and ARN."
  type        = object({ name = string, arn = string })
}

variable "secret_arns" {
  description = "The secrets that may be read."
  type        = list(string)
}

variable "key_arn" {
  description = "The KMS key that encrypts them."
  type        = string
}
