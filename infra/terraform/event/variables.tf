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

  # A public range would hide those who own it, and AWS takes no link-local one.
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

variable "certificate_arn" {
  description = "The certificate of the host name in ACM, of this region."
  type        = string

  validation {
    condition     = can(regex("^arn:aws[a-z-]*:acm:${var.region}:[0-9]{12}:certificate/.+$", var.certificate_arn))
    error_message = "certificate_arn is ${var.certificate_arn}; expected a certificate of ACM in ${var.region}: a load balancer accepts no other."
  }
}

variable "edge_key_value_store_arn" {
  description = "The key-value store in which CloudFront's function looks up the origin of a host; null without an edge."
  type        = string
  default     = null

  validation {
    condition     = var.edge_key_value_store_arn == null || can(regex("^arn:aws[a-z-]*:cloudfront::[0-9]{12}:key-value-store/.+$", var.edge_key_value_store_arn))
    error_message = "edge_key_value_store_arn is ${coalesce(var.edge_key_value_store_arn, "null")}; expected a key-value store of CloudFront, or null."
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

variable "alarm_topic_arn" {
  description = "The SNS topic that every alarm notifies."
  type        = string

  validation {
    condition     = can(regex("^arn:aws[a-z-]*:sns:[a-z0-9-]+:[0-9]{12}:.+$", var.alarm_topic_arn))
    error_message = "alarm_topic_arn is ${var.alarm_topic_arn}; expected a topic of SNS."
  }
}

variable "mall" {
  description = "The facts of the mall that the environment has: the issuer and public keys (a JWKS document) of identities, its address for links, and the payment gateway with the secret of our key to it. Nothing here gives access to the mall."
  type = object({
    issuer                 = string
    jwks                   = string
    public_url             = string
    payment_gateway_url    = string
    payment_key_secret_arn = string
  })

  validation {
    condition     = can(regex("^https://", var.mall.public_url)) && can(regex("^https://", var.mall.payment_gateway_url))
    error_message = "mall.public_url is ${var.mall.public_url} and mall.payment_gateway_url ${var.mall.payment_gateway_url}; expected https:// in both."
  }

  validation {
    condition     = try(length(jsondecode(var.mall.jwks).keys) > 0, false)
    error_message = "mall.jwks has no key; expected a JWKS document with at least one key."
  }

  validation {
    condition     = try(!anytrue([for key in jsondecode(var.mall.jwks).keys : contains(keys(key), "d")]), true)
    error_message = "mall.jwks holds a private key (a member d); expected only public keys."
  }

  validation {
    condition     = can(regex("^arn:aws[a-z-]*:secretsmanager:[a-z0-9-]+:[0-9]{12}:secret:.+-[A-Za-z0-9]{6}$", var.mall.payment_key_secret_arn))
    error_message = "mall.payment_key_secret_arn is ${var.mall.payment_key_secret_arn}; expected the full ARN of a secret, with the hyphen and six characters at its end: rights are given to that ARN."
  }
}

variable "database_ca_pem" {
  description = "Certificates of RDS's authorities in this region, as PEM: with them, clients check the server's identity. Null: encrypted, but the server is not checked."
  type        = string
  default     = null
}

variable "permissions_boundary_arn" {
  description = "The permissions boundary of every role made here; null for none. The builder may be allowed to make only roles with it."
  type        = string
  default     = null
}
