variable "prefix" {
  description = "First part of each repository's name, before the slash."
  type        = string
  default     = "marketday"
}

variable "repositories" {
  description = "The images: a repository each, named as the targets of images/Containerfile."
  type        = set(string)
  default     = ["console", "controller", "gate", "mall", "migrate", "store", "worker"]
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
