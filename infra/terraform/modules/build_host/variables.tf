variable "name" {
  description = "The beginning of the names of the build host and its network."
  type        = string
}

variable "vpc_cidr" {
  description = "IPv4 range of the build host's own network: a /24 to a /26 that nothing else uses."
  type        = string
}

variable "availability_zones" {
  description = "One or two zones in which build hosts start, the preferred one first; null for the first two of the region."
  type        = list(string)
  default     = null
}

variable "instance_types" {
  description = "Instance types that run Terraform, the preferred one first; arm64."
  type        = list(string)
}

variable "public_key" {
  description = "OpenSSH public key that may sign in."
  type        = string
}

variable "instance_profiles" {
  description = "The instance profile of hosts for each stack that they build: name and ARN."
  type        = map(object({ name = string, arn = string }))
}

variable "host_key_secret" {
  description = "Name of the secret with the private host key."
  type        = string
}

variable "terraform_version" {
  description = "Version of Terraform that is installed."
  type        = string
}

variable "kms_key_arn" {
  description = "Key for the network's flow logs."
  type        = string
}

variable "log_retention_days" {
  description = "Days that flow logs are kept."
  type        = number
}

variable "provider_mirror" {
  description = "Where the mirror of Terraform's provider is, as s3://bucket/prefix."
  type        = string
}

variable "repository_url" {
  description = "Repository that build hosts clone, by HTTPS."
  type        = string
}

variable "repository_secret" {
  description = "Name of the secret with the token that reads the repository; null if anybody may read it."
  type        = string
  default     = null
}
