variable "name" {
  description = "The beginning of every name here."
  type        = string
}

variable "vpc_id" {
  description = "The VPC of the groups."
  type        = string
}

variable "port" {
  description = "The port that the pods listen on."
  type        = number
}

variable "servers" {
  description = "The security groups of the database and of the cache."
  type        = object({ database = string, cache = string })
}

variable "cluster_security_group_id" {
  description = "The security group of the cluster's control plane and nodes."
  type        = string
}

variable "event_pool" {
  description = "The range from which event planes take their networks."
  type        = string
}
