variable "name" {
  description = "The secret's name."
  type        = string
}

variable "username" {
  description = "The database role that is made with the secret's password."
  type        = string
}

variable "database" {
  description = "The database that the credential opens."
  type = object({
    host = string
    port = number
    name = string
  })
}

variable "kms_key_arn" {
  description = "The KMS key that encrypts the secret; null for AWS's own."
  type        = string
  default     = null
}
