variable "name" {
  description = "The beginning of every name here."
  type        = string
}

variable "vpc_id" {
  description = "The network."
  type        = string
}

variable "subnet_ids" {
  description = "The public subnets, one in each zone."
  type        = list(string)
}

variable "targets" {
  description = "Instance and port of jenkins, sonarqube and webhook."
  type        = map(object({ instance = string, port = number }))
}

variable "hostnames" {
  description = "Their host names."
  type        = map(string)
}

variable "people_cidrs" {
  description = "From where people come."
  type        = list(string)
}

variable "github_cidrs" {
  description = "From where GitHub sends webhooks."
  type        = list(string)
}

variable "certificate_arn" {
  description = "Certificate for these names."
  type        = string
}

variable "zone_id" {
  description = "Hosted zone in which the names are made; null: elsewhere."
  type        = string
}

variable "log_retention_days" {
  description = "How many days the access log is kept."
  type        = number
}

variable "deletion_protection" {
  description = "Whether a log that is not empty stays."
  type        = bool
}
