variable "key_value_store_arn" {
  description = "The key-value store in which CloudFront's function looks up the origin of a host; null without an edge."
  type        = string
}

variable "hostname" {
  description = "The host name that shoppers use."
  type        = string
}

variable "place" {
  description = "The place of this environment at the host, 0 to 3."
  type        = number
}

variable "proof" {
  description = "The proof that the edge sends to the load balancer, and that lets the smoke test in early; null without an edge."
  type        = string
}

variable "origin" {
  description = "Where the edge sends people: the load balancer's DNS name."
  type        = string
}

variable "from" {
  description = "When it begins, RFC 3339."
  type        = string
}

variable "until" {
  description = "When it ends, RFC 3339."
  type        = string
}
