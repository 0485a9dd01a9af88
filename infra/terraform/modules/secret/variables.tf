variable "name" {
  description = "The secret's name."
  type        = string
}

variable "description" {
  description = "What it gives access to."
  type        = string
}

variable "key_arn" {
  description = "The KMS key that encrypts it."
  type        = string
}

variable "form" {
  description = "The text to store, such as a URL, with %s in the place of the password."
  type        = string
  default     = "%s"
}

variable "hexadecimal" {
  description = "Whether the password is a key of 32 bytes in hexadecimal, instead of 48 letters and digits."
  type        = bool
  default     = false
}

variable "password_of" {
  description = "Another secret whose password is stored here too, in another form; null for a new password."
  type        = object({ arn = string })
  default     = null
}

variable "recovery_days" {
  description = "How many days a deleted secret can be restored; 0: it is gone at once, and its name is free."
  type        = number
  default     = 0
}

variable "password_version" {
  description = "A number; when it grows, a new value is written."
  type        = number
  default     = 1
}
