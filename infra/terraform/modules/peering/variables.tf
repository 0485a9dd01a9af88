variable "name" {
  description = "The beginning of every name of the path between the two networks."
  type        = string
}

variable "event" {
  description = "The network and the database to read, and the cache; null if nobody needs the cache."
  type = object({
    vpc_id            = string
    vpc_cidr          = string
    port              = number
    security_group_id = string
    subnet_cidrs      = list(string)
    route_table_ids   = list(string)
    cache             = optional(object({ port = number, security_group_id = string }))
  })

  # A route to the whole network would open all of it, and not only its database.
  validation {
    condition = alltrue([
      for cidr in var.event.subnet_cidrs : try(
        tonumber(split("/", cidr)[1]) > tonumber(split("/", var.event.vpc_cidr)[1]) &&
        cidrhost("${split("/", cidr)[0]}/${split("/", var.event.vpc_cidr)[1]}", 0) == cidrhost(var.event.vpc_cidr, 0),
        false,
      )
    ])
    error_message = "event.subnet_cidrs are ${join(", ", var.event.subnet_cidrs)}; expected subnets of event.vpc_cidr, ${var.event.vpc_cidr}, none as wide as it."
  }
}

variable "prod" {
  description = "The network and the database that receives the copy, and the place of the mall's controller; null if no controller runs there."
  type = object({
    vpc_id            = string
    vpc_cidr          = string
    port              = number
    security_group_id = string
    subnet_cidrs      = list(string)
    route_table_ids   = list(string)
    controller = optional(object({
      security_group_id = string
      subnet_cidrs      = list(string)
      route_table_ids   = list(string)
    }))
  })

  validation {
    condition = alltrue([
      for cidr in concat(var.prod.subnet_cidrs, flatten(var.prod.controller[*].subnet_cidrs)) : try(
        tonumber(split("/", cidr)[1]) > tonumber(split("/", var.prod.vpc_cidr)[1]) &&
        cidrhost("${split("/", cidr)[0]}/${split("/", var.prod.vpc_cidr)[1]}", 0) == cidrhost(var.prod.vpc_cidr, 0),
        false,
      )
    ])
    error_message = "prod.subnet_cidrs and those of its controller are ${join(", ", concat(var.prod.subnet_cidrs, flatten(var.prod.controller[*].subnet_cidrs)))}; expected subnets of prod.vpc_cidr, ${var.prod.vpc_cidr}, none as wide as it."
  }
}

variable "expires_at" {
  description = "When the path must be removed: a time in UTC, at most 24 hours after the plan."
  type        = string
}
