variable "region" {
  description = "The AWS region of the environment."
  type        = string

  validation {
    condition     = can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", var.region))
    error_message = "region is ${var.region}; expected one of AWS, such as ap-northeast-2."
  }
}

variable "provider_max_retries" {
  description = "How often the provider repeats a call that failed; null for its own number."
  type        = number
  default     = null
}

variable "environment_id" {
  description = "The environment's UUID. All names here contain its last eight digits: md-3f9a1c2e."
  type        = string

  validation {
    condition     = can(regex("^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$", var.environment_id))
    error_message = "environment_id is ${var.environment_id}; expected a UUID in small letters."
  }
}

variable "drop" {
  description = "The drop's slug."
  type        = string

  validation {
    condition     = can(regex("^[a-z0-9]+(-[a-z0-9]+)*$", var.drop)) && length(var.drop) <= 40
    error_message = "drop is ${var.drop}; expected a slug of at most 40 small letters and digits, with single hyphens between words, such as tint-2026."
  }
}

variable "expires_at" {
  description = "When the environment must be removed, RFC 3339 in UTC. It becomes a tag for the sweep and for people."
  type        = string

  validation {
    condition     = can(timeadd(var.expires_at, "0s")) && endswith(var.expires_at, "Z")
    error_message = "expires_at is ${var.expires_at}; expected a time in UTC such as 2026-07-04T15:00:00Z."
  }
}

variable "vpc_cidr" {
  description = "The environment's own range, from /16 to /22."
  type        = string

  validation {
    condition     = try(cidrhost(var.vpc_cidr, 0) == split("/", var.vpc_cidr)[0], false) && can(regex("/(1[6-9]|2[0-2])$", var.vpc_cidr))
    error_message = "vpc_cidr is ${var.vpc_cidr}; expected the first address of an IPv4 range and a length from 16 to 22, such as 10.20.0.0/16."
  }

  # From a network with a public range, the real owners of its addresses cannot be reached. AWS refuses a link-local range.
  validation {
    condition = anytrue([
      for range in ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10"] : try(
        tonumber(split("/", var.vpc_cidr)[1]) >= tonumber(split("/", range)[1]) &&
        cidrhost("${split("/", var.vpc_cidr)[0]}/${split("/", range)[1]}", 0) == split("/", range)[0],
        false,
      )
    ])
    error_message = "vpc_cidr is ${var.vpc_cidr}; expected a private range: inside 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16 or 100.64.0.0/10."
  }
}

variable "other_cidrs" {
  description = "Ranges that the environment's range must not overlap: prod's, and others that may be linked to it."
  type        = list(string)

  validation {
    condition     = length(var.other_cidrs) > 0
    error_message = "other_cidrs is empty; expected at least prod's range; otherwise the link could not be opened."
  }
}

variable "hostname" {
  description = "The name that shoppers use, such as event.example.com."
  type        = string

  validation {
    condition     = can(regex("^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\\.)+[a-z]{2,63}$", var.hostname)) && length(var.hostname) <= 253
    error_message = "hostname is ${var.hostname}; expected a full host name in small letters."
  }
}

variable "edge_place" {
  description = "Which of the host's four places at the edge this environment uses: one that no other existing environment uses."
  type        = number
  default     = 0

  validation {
    condition     = contains(range(4), var.edge_place)
    error_message = "edge_place is ${var.edge_place}; expected 0, 1, 2 or 3: the edge reads only these."
  }
}

variable "room_opens_at" {
  description = "When the edge begins to send people here, RFC 3339."
  type        = string

  validation {
    condition     = can(timeadd(var.room_opens_at, "0s"))
    error_message = "room_opens_at is ${var.room_opens_at}; expected a time such as 2026-07-04T09:00:00+09:00."
  }
}

variable "closes_at" {
  description = "When the edge stops sending people here, RFC 3339."
  type        = string

  validation {
    condition     = try(timecmp(var.room_opens_at, var.closes_at) < 0, false)
    error_message = "closes_at is ${var.closes_at}; expected a time after room_opens_at, which is ${var.room_opens_at}."
  }
}
