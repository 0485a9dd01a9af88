variable "name" {
  description = "The replication group's name."
  type        = string
}

variable "subnet_ids" {
  description = "The database subnets, one in each zone."
  type        = list(string)
}

variable "security_group_id" {
  description = "The security group of its nodes."
  type        = string
}

variable "size" {
  description = "The nodes' type, and the number of replicas."
  type        = object({ node_type = string, replicas = number })

  validation {
    condition     = var.size.replicas >= 1 && var.size.replicas <= 5
    error_message = "size.replicas is ${var.size.replicas}; expected 1 to 5: without a replica there is no failover."
  }
}

variable "key_arn" {
  description = "The KMS key of its data."
  type        = string
}

variable "user_group_id" {
  description = "Who may sign in."
  type        = string
}

variable "purpose" {
  description = "What it is for, in a few words."
  type        = string
  default     = "The waiting room"
}
