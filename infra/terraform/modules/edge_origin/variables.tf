variable "key_value_store_arn" {
  description = "The key-value store that CloudFront's function asks for the origin of a host; null where there is no edge."
  type        = string
}

variable "hostname" {
  description = "The host that shoppers ask for."
  type        = string
}

variable "place" {
  description = "Which of the host's places is this environment's, 0 to 3."
  type        = number
}

variable "proof" {
  description = "What the edge shows to the load balancer, and is shown by whoever may come early; null where there is no edge."
  type        = string
}

variable "origin" {
  description = "Where the edge sends them: the load balancer's name in the DNS."
  type        = string
}

variable "from" {
  description = "From when it does so, RFC 3339."
  type        = string
}

variable "until" {
  description = "Until when it does so, RFC 3339."
  type        = string
}
