variable "name" {
  description = "The beginning of the edge's names."
  type        = string
}

variable "hostname" {
  description = "Host name of the event plane, such as drop.example.com."
  type        = string
}

variable "zone_id" {
  description = "Hosted zone of the host name."
  type        = string
}

variable "logs_bucket" {
  description = "Bucket for the log of requests: name and ARN."
  type        = object({ name = string, arn = string })
}

variable "holding_bucket" {
  description = "Name of the bucket of the holding page."
  type        = string
}

variable "firewall" {
  description = "Whether the edge gets a firewall of its own. The load balancer of each event stack has one with rate rules in any case."
  type        = bool
  default     = true
}

variable "web_acl_arn" {
  description = "Another firewall for the edge, if it gets none of its own; null for none."
  type        = string
  default     = null
}

variable "price_class" {
  description = "Which of CloudFront's locations serve: PriceClass_All, PriceClass_200 (with Korea and Japan) or PriceClass_100."
  type        = string
  default     = "PriceClass_200"
}

variable "force_destroy" {
  description = "Whether the bucket of the holding page may be destroyed with the page in it."
  type        = bool
  default     = false
}
