variable "name" {
  description = "The secret's name."
  type        = string
}

variable "description" {
  description = "What it opens."
  type        = string
}

variable "key_arn" {
  description = "The KMS key that encrypts it."
  type        = string
}

variable "form" {
  description = "What is kept, with %s where the password stands, such as a URL."
  type        = string
  default     = "%s"
}

variable "hexadecimal" {
  description = "Whether the password is a key of 32 bytes, spelt in hexadecimal, and not 48 letters and digits."
  type        = bool
  default     = false
}

variable "password_of" {
  description = "The secret whose password this one holds too, in another form; null for a password of its own."
  type        = object({ arn = string })
  default     = null
}
