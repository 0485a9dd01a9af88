variable "name" {
  description = "Name of the bucket; unique in all of AWS."
  type        = string

  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$", var.name))
    error_message = "name is \"${var.name}\"; expected 3 to 63 lower-case letters, digits, dots and hyphens."
  }
}

variable "kms_key_arn" {
  description = "Customer key for the objects; null encrypts with a key of S3 itself."
  type        = string
  default     = null
}

variable "noncurrent_days" {
  description = "Days after which a version that is no longer current may be removed."
  type        = number
  default     = 90

  validation {
    condition     = var.noncurrent_days >= 30
    error_message = "noncurrent_days is ${var.noncurrent_days}; expected 30 or more: who may write can write over, and the old version is all that is left then."
  }
}

variable "noncurrent_versions" {
  description = "Number of old versions that always stay; null keeps none."
  type        = number
  default     = null
}

variable "expiration_days" {
  description = "Days after which an object is removed; null keeps it."
  type        = number
  default     = null
}

variable "expirations" {
  description = "Days after which objects under a prefix are removed, with all their versions; other objects stay."
  type        = map(number)
  default     = {}
}

variable "access_logs" {
  description = "Where each access is logged: bucket and prefix; null for no log."
  type        = object({ bucket = string, prefix = string })
  default     = null
}

variable "policies" {
  description = "Further policy documents (JSON) of the bucket."
  type        = list(string)
  default     = []
}

variable "force_destroy" {
  description = "Whether a bucket that still holds objects may be destroyed."
  type        = bool
  default     = false
}
