variable "name" {
  description = "The beginning of every name here."
  type        = string
}

variable "vpc_id" {
  description = "The network."
  type        = string
}

variable "subnet_ids" {
  description = "Subnets in which agents start."
  type        = list(string)
}

variable "image" {
  description = "Image of agents."
  type        = string
}

variable "instance_type" {
  description = "Instance type of agents."
  type        = string
}

variable "public_key" {
  description = "OpenSSH public key by which Jenkins signs in."
  type        = string
}

variable "cluster" {
  description = "The cluster that a delivery asks."
  type        = string
}
