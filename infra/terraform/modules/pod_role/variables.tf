variable "name" {
  description = "The role's name."
  type        = string
}

variable "description" {
  description = "What the role is for."
  type        = string
}

variable "cluster" {
  description = "The cluster: its name and ARN."
  type        = object({ name = string, arn = string })
}

variable "namespace" {
  description = "The namespace of the service account."
  type        = string
}

variable "service_account" {
  description = "The service account whose pods get the role."
  type        = string
}

variable "policies" {
  description = "What the role may do: policies as JSON, by name."
  type        = map(string)
  default     = {}
}

variable "policy_arns" {
  description = "Policies that exist already, by any name of ours."
  type        = map(string)
  default     = {}
}

variable "by_addon" {
  description = "Whether an add-on of EKS links the service account to the role itself."
  type        = bool
  default     = false
}
