# What event and link stacks need in addition to this stack's own outputs.

variable "event_pool" {
  description = "IPv4 range from which each event environment takes a network; nothing else may use it."
  type        = string
  default     = "10.64.0.0/12"

  validation {
    condition     = try(cidrhost(var.event_pool, 0) == split("/", var.event_pool)[0], false) && can(regex("/(8|9|1[0-6])$", var.event_pool))
    error_message = "event_pool is ${var.event_pool}; expected the first address of an IPv4 range from /8 to /16, such as 10.64.0.0/12."
  }

  # A public range would hide those who own it, and AWS takes no link-local one.
  validation {
    condition = anytrue([
      for range in ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10"] : try(
        tonumber(split("/", var.event_pool)[1]) >= tonumber(split("/", range)[1]) &&
        cidrhost("${split("/", var.event_pool)[0]}/${split("/", range)[1]}", 0) == split("/", range)[0],
        false,
      )
    ])
    error_message = "event_pool is ${var.event_pool}; expected a private range: inside 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16 or 100.64.0.0/10."
  }
}

variable "event_prefix" {
  description = "Length of the network that each event environment takes from the pool."
  type        = number
  default     = 20

  validation {
    condition     = contains(range(16, 23), var.event_prefix) && try(var.event_prefix >= tonumber(split("/", var.event_pool)[1]), true)
    error_message = "event_prefix is ${var.event_prefix}; expected 16 to 22, and not larger than event_pool (${var.event_pool})."
  }
}

variable "other_cidrs" {
  description = "Ranges, in addition to the mall's own, that no event environment may overlap, such as an office network behind a VPN."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for cidr in var.other_cidrs : try(cidrhost(cidr, 0) == split("/", cidr)[0], false) && !strcontains(cidr, ":")])
    error_message = "other_cidrs are ${jsonencode(var.other_cidrs)}; expected IPv4 ranges by their first address, such as 192.168.0.0/16."
  }
}

variable "database_ca_pem" {
  description = "Certificates of RDS's authorities in this region, as PEM (docs/aws.md shows where to get them): clients then check the database's identity. Null: encrypted, but the server is not checked."
  type        = string
  default     = null

  validation {
    condition     = var.database_ca_pem == null || can(regex("^\\s*-----BEGIN CERTIFICATE-----\\s[A-Za-z0-9+/=\\s]+-----END CERTIFICATE-----\\s", "${coalesce(var.database_ca_pem, "-")}\n"))
    error_message = "database_ca_pem begins with ${jsonencode(substr(coalesce(var.database_ca_pem, "null"), 0, 24))}; expected the text of one or more certificates, each from BEGIN CERTIFICATE to END CERTIFICATE."
  }

  validation {
    condition     = !strcontains(coalesce(var.database_ca_pem, "-"), "PRIVATE KEY")
    error_message = "database_ca_pem holds a private key; expected only certificates."
  }

  validation {
    condition     = length(coalesce(var.database_ca_pem, "-")) <= 6000
    error_message = "database_ca_pem has ${length(coalesce(var.database_ca_pem, "-"))} characters; expected 6000 at most: use the bundle of this region, not the bundle of all regions, because a parameter has at most 8 KB."
  }
}

variable "image_tag" {
  description = "Tag of the images that event stacks run; null is the commit of `repository`."
  type        = string
  default     = null

  validation {
    condition     = var.image_tag == null || can(regex("^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$", var.image_tag))
    error_message = "image_tag is ${coalesce(var.image_tag, "null")}; expected null, or at most 128 letters, digits, dots, hyphens and underscores."
  }
}

variable "prod" {
  description = "The mall's network, database and controller, from the outputs of the prod stack: `link` has it whole; null before it exists; until then no event stack can be built."
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
    controller = optional(object({
      security_group_id = string
      subnet_cidrs      = list(string)
      route_table_ids   = list(string)
      role_arn          = optional(string)
    }))
  })
  default = null
}

variable "mall" {
  description = "The facts of the mall that an event stack needs; null before the mall exists; until then no event stack can be built. The named secret must have the tag marketday:for = event."
  type = object({
    issuer                 = string
    jwks                   = string
    public_url             = string
    payment_gateway_url    = string
    payment_key_secret_arn = string
  })
  default = null

  # What the stack event refuses is refused here, days before it is built.
  validation {
    condition     = var.mall == null || try(startswith(var.mall.public_url, "https://") && startswith(var.mall.payment_gateway_url, "https://"), false)
    error_message = "mall.public_url is ${try(var.mall.public_url, "null")} and mall.payment_gateway_url ${try(var.mall.payment_gateway_url, "null")}; expected https:// in both."
  }

  validation {
    condition     = var.mall == null || try(length(jsondecode(var.mall.jwks).keys) > 0 && !anytrue([for key in jsondecode(var.mall.jwks).keys : contains(keys(key), "d")]), false)
    error_message = "mall.jwks is not a JWKS document with at least one key, all of them public (without a member d)."
  }

  validation {
    condition     = var.mall == null || can(regex("^arn:aws[a-z-]*:secretsmanager:[a-z0-9-]+:[0-9]{12}:secret:.+-[A-Za-z0-9]{6}$", var.mall.payment_key_secret_arn))
    error_message = "mall.payment_key_secret_arn is ${try(var.mall.payment_key_secret_arn, "null")}; expected the full ARN of a secret, with the hyphen and six characters at its end: rights are given to that ARN."
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

variable "previews" {
  description = "Whether this is a site for previews of branches (docs/dev-plane.md): its environments may be built from a branch's commit. Only in an account of its own, with a mall without real customers and a sandbox of payments."
  type        = bool
  default     = false

  # provisioners/terraform/facts.py refuses the same: a real gateway can never be paid by a branch's code.
  validation {
    condition     = !var.previews || var.mall == null || can(regex("^https://([a-z0-9-]+\\.)*sandbox(\\.[a-z0-9-]+)+(:[0-9]+)?(/|$)", var.mall.payment_gateway_url))
    error_message = "previews is true and mall.payment_gateway_url ${try(var.mall.payment_gateway_url, "null")}; expected a sandbox of payments, whose host name has a part that is sandbox, such as https://sandbox.example.com."
  }
}
