variable "name" {
  description = "The beginning of the names of the role and its policies."
  type        = string
}

variable "state_bucket_arn" {
  description = "ARN of the bucket that holds the state of every environment."
  type        = string
}

variable "kms_key_arn" {
  description = "Key of the permanent stack: state and the host key's secret are encrypted with it."
  type        = string
}

variable "host_secret_arns" {
  description = "ARNs of the secrets that a build host reads when it starts: its private host key, and the token of a private repository."
  type        = list(string)
}

variable "key_value_store_arn" {
  description = "ARN of the edge's key-value store, in which an event stack writes the address of its load balancer."
  type        = string
}

variable "certificate_arn" {
  description = "ARN of the certificate of event stacks' load balancers."
  type        = string
}

variable "repository_arns" {
  description = "ARNs of the image repositories."
  type        = list(string)
}

variable "prod" {
  description = "The mall's end of a link: exactly what the role for links may change. Null before prod exists."
  type = object({
    vpc_id            = string
    security_group_id = string
    route_table_ids   = list(string)
    subnet_ids        = optional(list(string), [])
    kms_key_arn       = optional(string)
    controller        = optional(object({ security_group_id = string, route_table_ids = list(string) }))
  })
  default = null
}

variable "evidence_bucket_arn" {
  description = "ARN of the bucket that keeps the activity and the logs of environments after they are removed."
  type        = string
}

variable "recovery" {
  description = "Where the backups of environments' databases are copied to, and the key there; null for nowhere."
  type        = object({ region = string, kms_key_arn = string })
  default     = null
}
