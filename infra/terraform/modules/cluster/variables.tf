variable "name" {
  description = "The cluster's name."
  type        = string
}

variable "kubernetes_version" {
  description = "The version of Kubernetes, such as 1.35."
  type        = string
}

variable "vpc_id" {
  description = "The network."
  type        = string
}

variable "subnet_ids" {
  description = "The private subnets in which EKS puts the network interfaces of the control plane, one in each zone."
  type        = list(string)
}

variable "service_cidr" {
  description = "The range of the addresses of services inside the cluster."
  type        = string
}

variable "key_arn" {
  description = "The KMS key of the cluster's secrets and logs."
  type        = string
}

variable "log_retention_days" {
  description = "How many days the logs of the control plane are kept."
  type        = number
}

variable "admin_role_arns" {
  description = "The roles whose holders administer the cluster."
  type        = set(string)
}
