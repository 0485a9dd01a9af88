variable "prefix" {
  description = "First part of each repository's name, before the slash."
  type        = string
  default     = "marketday"
}

variable "repositories" {
  description = "The services with images."
  type        = set(string)
  default     = ["gate", "store", "worker"]
}

variable "replica_region" {
  description = "Region that gets a copy of each image."
  type        = string
}

variable "keep_images" {
  description = "Images that each repository keeps."
  type        = number
  default     = 30
}

variable "force_delete" {
  description = "Whether a repository that still holds images may be destroyed."
  type        = bool
  default     = false
}
