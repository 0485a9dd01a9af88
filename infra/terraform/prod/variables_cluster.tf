# Kubernetes and what belongs to it.

variable "kubernetes_version" {
  description = "The version of Kubernetes; one step up at a time, and never down. The add-ons' versions belong to it."
  type        = string
  default     = "1.35"

  validation {
    condition     = can(regex("^1\\.[0-9]{2}$", var.kubernetes_version))
    error_message = "kubernetes_version is ${var.kubernetes_version}; expected a version of EKS such as 1.35."
  }
}

# `aws eks describe-addon-versions --kubernetes-version 1.35` lists what there is.
variable "addon_versions" {
  description = "The versions of the cluster's add-ons, whole ones, so that each cluster gets the same."
  type = object({
    vpc_cni            = optional(string, "v1.21.1-eksbuild.3")
    kube_proxy         = optional(string, "v1.35.0-eksbuild.2")
    pod_identity_agent = optional(string, "v1.3.10-eksbuild.3")
    coredns            = optional(string, "v1.13.2-eksbuild.1")
    metrics_server     = optional(string, "v0.8.1-eksbuild.5")
  })
  default = {}

  validation {
    condition     = startswith(var.addon_versions.kube_proxy, "v${var.kubernetes_version}.")
    error_message = "addon_versions.kube_proxy is ${var.addon_versions.kube_proxy}; expected a version that begins with v${var.kubernetes_version}., kubernetes_version."
  }
}

variable "service_cidr" {
  description = "The addresses of services inside the cluster: a private range that no network of ours overlaps. It can never be changed."
  type        = string
  default     = "172.20.0.0/16"

  validation {
    condition     = can(regex("^(10\\.|192\\.168\\.|172\\.(1[6-9]|2[0-9]|3[01])\\.).*/(1[2-9]|2[0-4])$", var.service_cidr)) && can(cidrnetmask(var.service_cidr))
    error_message = "service_cidr is ${var.service_cidr}; expected a private range from /12 to /24, such as 172.20.0.0/16."
  }
}

variable "admin_role_arns" {
  description = "The IAM roles whose holders administer the cluster. Nobody else can enter it, also not who applies this stack."
  type        = set(string)

  validation {
    condition     = length(var.admin_role_arns) > 0 && alltrue([for arn in var.admin_role_arns : can(regex("^arn:aws[a-z-]*:iam::[0-9]{12}:role/[A-Za-z0-9+=,.@_/-]+$", arn))])
    error_message = "admin_role_arns are ${jsonencode(var.admin_role_arns)}; expected at least one ARN of an IAM role, such as the one of your administrators: without one nobody could enter the cluster."
  }
}

variable "system_nodes" {
  description = "The nodes that the cluster's own services run on: types with Graviton, how many at least and at most, their disk in GB."
  type = object({
    instance_types = optional(list(string), ["t4g.medium"])
    min            = optional(number, 2)
    max            = optional(number, 4)
    disk_gb        = optional(number, 30)
  })
  default = {}

  validation {
    condition     = var.system_nodes.min >= 2 && var.system_nodes.min <= var.system_nodes.max
    error_message = "system_nodes.min is ${var.system_nodes.min} and system_nodes.max ${var.system_nodes.max}; expected at least 2, and not more than system_nodes.max: one node would take DNS with it."
  }

  validation {
    condition     = length(var.system_nodes.instance_types) > 0 && alltrue([for type in var.system_nodes.instance_types : can(regex("^[a-z]+[0-9]+g[a-z]*\\.", type))])
    error_message = "system_nodes.instance_types are ${jsonencode(var.system_nodes.instance_types)}; expected types with a Graviton processor, such as t4g.large."
  }

  validation {
    condition     = var.system_nodes.disk_gb >= 20
    error_message = "system_nodes.disk_gb is ${var.system_nodes.disk_gb}; expected at least 20, the size of the image of the nodes."
  }
}

variable "cache" {
  description = "The mall's Valkey: the type of its nodes, and how many replicas it has."
  type        = object({ node_type = string, replicas = number })
  default     = { node_type = "cache.t4g.micro", replicas = 1 }
}

variable "controller_policy_arns" {
  description = "What the controller may do in AWS: the output of the same name of the stack permanent. Empty: no controller can work here."
  type        = map(string)
  default     = {}

  validation {
    condition     = alltrue([for arn in values(var.controller_policy_arns) : can(regex("^arn:aws[a-z-]*:iam::[0-9]{12}:policy/.+$", arn))])
    error_message = "controller_policy_arns are ${jsonencode(var.controller_policy_arns)}; expected ARNs of IAM policies by name, as the stack permanent tells them."
  }
}
