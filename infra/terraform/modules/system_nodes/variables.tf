variable "cluster_name" {
  description = "The cluster, after it has the add-ons of each node."
  type        = string
}

variable "kubernetes_version" {
  description = "The nodes' version of Kubernetes, the cluster's own."
  type        = string
}

variable "subnet_ids" {
  description = "The subnets of the nodes, one in each zone."
  type        = list(string)
}

variable "size" {
  description = "The types of the nodes (Graviton), how many there are at least and at most, and their disk in GB."
  type = object({
    instance_types = list(string)
    min            = number
    max            = number
    disk_gb        = number
  })
}
