variable "cluster_name" {
  description = "The cluster."
  type        = string
}

variable "addons" {
  description = "Each add-on by its name at EKS: its version, its settings as JSON, and the roles of its service accounts."
  type = map(object({
    version  = string
    settings = optional(string)
    roles    = optional(map(string), {})
  }))

  validation {
    condition     = alltrue([for addon in var.addons : can(regex("^v[0-9]+\\.[0-9]+\\.[0-9]+-eksbuild\\.[0-9]+$", addon.version))])
    error_message = "The versions of the add-ons are ${jsonencode({ for name, addon in var.addons : name => addon.version })}; expected a whole version for each, such as v1.21.1-eksbuild.3."
  }
}
