# What the stacks permanent and prod, and the mall, hand over.

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

variable "evidence_bucket" {
  description = "Name of the bucket of the stack permanent that keeps activity and logs after the environment is removed."
  type        = string

  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$", var.evidence_bucket))
    error_message = "evidence_bucket is ${var.evidence_bucket}; expected the name of a bucket."
  }
}

# Named, not looked up: a zone that AWS adds or removes must not change a network that is in use.
variable "zones" {
  description = "The letters of the two or three zones of each event environment, the same as prod's: the databases are then linked within a zone."
  type        = list(string)
  default     = ["a", "c"]

  validation {
    condition     = contains([2, 3], length(var.zones)) && length(distinct(var.zones)) == length(var.zones) && alltrue([for letter in var.zones : can(regex("^[a-f]$", letter))])
    error_message = "zones are ${jsonencode(var.zones)}; expected two or three different letters such as a and c."
  }
}

variable "recovery" {
  description = "Where backups of the database are copied to while it exists, for how many days, and with which key of that region; null for nowhere."
  type        = object({ region = string, kms_key_arn = string, backup_days = optional(number, 7) })
  default     = null

  validation {
    condition     = var.recovery == null || try(var.recovery.region != var.region && split(":", var.recovery.kms_key_arn)[3] == var.recovery.region, false)
    error_message = "recovery is ${jsonencode(var.recovery)}; expected another region than ${var.region}, and a key of that region."
  }
}
