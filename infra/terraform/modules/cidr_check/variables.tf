variable "cidr" {
  description = "The IPv4 range that must not overlap others."
  type        = string

  validation {
    condition     = try(cidrhost(var.cidr, 0) == split("/", var.cidr)[0], false) && !strcontains(var.cidr, ":")
    error_message = "cidr is ${var.cidr}; expected the first address of an IPv4 range and its length, such as 10.20.0.0/16."
  }
}

variable "others" {
  description = "The IPv4 ranges that it must not overlap."
  type        = list(string)

  validation {
    condition     = alltrue([for other in var.others : try(cidrhost(other, 0) == split("/", other)[0], false) && !strcontains(other, ":")])
    error_message = "others are ${jsonencode(var.others)}; expected first addresses of IPv4 ranges and their lengths, such as 10.20.0.0/16."
  }
}
