variable "name" {
  description = "The beginning of every name here."
  type        = string
}

variable "vpc_id" {
  description = "The VPC of the groups."
  type        = string
}

variable "port" {
  description = "The port that the services listen on."
  type        = number
}

variable "behind_edge" {
  description = "Whether only CloudFront may reach the load balancer."
  type        = bool
}

variable "endpoint_security_group_id" {
  description = "The security group of the VPC's interface endpoints."
  type        = string
}

variable "s3_prefix_list_id" {
  description = "The addresses of S3."
  type        = string
}
