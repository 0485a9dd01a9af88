variable "name" {
  description = "The beginning of every name here."
  type        = string
}

variable "vpc_id" {
  description = "The VPC of the targets."
  type        = string
}

variable "subnet_ids" {
  description = "The public subnets, one in each zone."
  type        = list(string)
}

variable "security_group_id" {
  description = "The load balancer's security group."
  type        = string
}

variable "certificate_arn" {
  description = "The certificate of the host name, in the load balancer's region."
  type        = string
}

variable "hostname" {
  description = "The only host that is served; any other gets 404."
  type        = string
}

variable "target_port" {
  description = "The port that the services listen on."
  type        = number
  default     = 8080
}

variable "routes" {
  description = "Which service answers which paths; the first match counts. AWS allows at most four paths here."
  type        = list(object({ service = string, paths = list(string) }))

  validation {
    condition     = alltrue([for route in var.routes : length(route.paths) >= 1 && length(route.paths) <= 4])
    error_message = "routes have ${jsonencode([for route in var.routes : length(route.paths)])} paths; expected one to four each: a rule of AWS has at most five values, and one is the host."
  }
}

variable "behind_edge" {
  description = "Whether people come through CloudFront, which sends their address in a header."
  type        = bool
}

variable "edge_proof" {
  description = "The proof that the edge sends with each request, in the header x-marketday-proof; null without an edge."
  type        = string
  default     = null
}

variable "rate_limits" {
  description = "How many requests one address may send in five minutes before it gets 429: all requests, and those that write."
  type        = object({ requests = number, writes = number })
}

variable "key_arn" {
  description = "The KMS key of the firewall's log."
  type        = string
}

variable "log_retention_days" {
  description = "How many days the firewall's and the load balancer's logs are kept."
  type        = number
}

variable "evidence_bucket" {
  description = "Name of the bucket that keeps the access log after the environment is removed."
  type        = string
}

variable "capacity_units" {
  description = "Capacity that the load balancer has from the start, in LCU; 0 for as much as AWS gives it."
  type        = number
  default     = 0
}
