variable "cluster" {
  description = "The cluster: its name and ARN."
  type        = object({ name = string, arn = string })
}

variable "subnet_ids" {
  description = "The subnets in which Karpenter may start nodes."
  type        = list(string)
}

variable "security_group_id" {
  description = "The security group of all nodes, made by EKS."
  type        = string
}
