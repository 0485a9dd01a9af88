# What event and link stacks are built from beside this stack's own outputs.

variable "event_pool" {
  description = "IPv4 range from which each event environment takes a network; nothing else may use it."
  type        = string
  default     = "10.64.0.0/12"

  validation {
    condition     = can(cidrnetmask(var.event_pool)) && can(regex("/(8|9|1[0-6])$", var.event_pool))
    error_message = "event_pool is \"${var.event_pool}\"; expected an IPv4 range from /8 to /16."
  }
}

variable "image_tag" {
  description = "Tag of the images that event stacks run; null is the commit of `repository`."
  type        = string
  default     = null
}

variable "prod" {
  description = "The mall's network and database, from the outputs of the prod stack: `merge(database, { vpc_id, vpc_cidr })`; null before it stands, and until then no event stack can be built."
  type = object({
    vpc_id            = string
    vpc_cidr          = string
    host              = string
    port              = number
    name              = string
    security_group_id = string
    subnet_ids        = list(string)
    subnet_cidrs      = list(string)
    route_table_ids   = list(string)
    kms_key_arn       = optional(string)
  })
  default = null
}

variable "mall" {
  description = "What an event stack must know of the mall; null before it stands, and no event stack can be built. The secret that is named must carry the tag marketday:for = event."
  type = object({
    issuer                 = string
    jwks                   = string
    public_url             = string
    payment_gateway_url    = string
    payment_key_secret_arn = string
  })
  default = null
}
