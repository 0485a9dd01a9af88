variable "region" {
  description = "The region of the dev plane: the one with the image repositories."
  type        = string
}

variable "provider_max_retries" {
  description = "How often the provider repeats a call that failed; null for its own default."
  type        = number
  default     = null
}

variable "name" {
  description = "The beginning of every name of the dev plane."
  type        = string
  default     = "marketday-dev"

  validation {
    condition     = can(regex("^[a-z][a-z0-9]*(-[a-z0-9]+)*$", var.name)) && length(var.name) <= 22
    error_message = "name is ${var.name}, ${length(var.name)} characters; expected at most 22 small letters and digits, with single hyphens between words: a target group is called NAME-sonarqube and may have 32 characters."
  }
}

variable "vpc_cidr" {
  description = "The network's own range, a /16 to a /22. It is connected with no other network."
  type        = string
}

variable "other_cidrs" {
  description = "Ranges that it must not overlap."
  type        = list(string)
  default     = []
}

variable "zones" {
  description = "Letters of two or three zones; machines and the database are in the first."
  type        = list(string)
}

variable "people_cidrs" {
  description = "From where people reach Jenkins and SonarQube: one to four ranges of an office or a VPN."
  type        = list(string)

  validation {
    condition     = contains([1, 2, 3, 4], length(var.people_cidrs)) && alltrue([for range in var.people_cidrs : can(cidrnetmask(range)) && try(tonumber(split("/", range)[1]) >= 16, false)])
    error_message = "people_cidrs are ${jsonencode(var.people_cidrs)}; expected one to four IPv4 ranges, each a /16 or smaller: the plane is private."
  }
}

variable "github_cidrs" {
  description = "From where GitHub sends webhooks: the member `hooks` of https://api.github.com/meta, without IPv6; four at most."
  type        = list(string)
  default     = ["140.82.112.0/20", "143.55.64.0/20", "185.199.108.0/22", "192.30.252.0/22"]

  validation {
    condition     = contains([1, 2, 3, 4], length(var.github_cidrs)) && alltrue([for range in var.github_cidrs : can(cidrnetmask(range)) && try(tonumber(split("/", range)[1]) >= 16, false)])
    error_message = "github_cidrs are ${jsonencode(var.github_cidrs)}; expected one to four IPv4 ranges, each a /16 or smaller: a rule of a load balancer takes no more."
  }
}

variable "hostnames" {
  description = "Host names of the three; webhook is the one that GitHub is told, with the path /github-webhook/."
  type        = object({ jenkins = string, sonarqube = string, webhook = string })

  validation {
    condition     = length(distinct(values(var.hostnames))) == 3
    error_message = "hostnames are ${jsonencode(var.hostnames)}; expected three different ones: who may connect depends on the name."
  }
}

variable "zone_id" {
  description = "Hosted zone in which these names are made; null: elsewhere, by hand."
  type        = string
  default     = null
}

variable "certificate_arn" {
  description = "Certificate of ACM for all three names, in this region."
  type        = string
}

variable "repository" {
  description = "The repository: its owner and name on GitHub, its address for git, and the commit of which infra/jenkins and ci/ are taken."
  type        = object({ owner = string, name = string, url = string, commit = string })

  validation {
    condition     = can(regex("^https://[A-Za-z0-9./_-]+$", var.repository.url)) && can(regex("^[0-9a-f]{40}$", var.repository.commit))
    error_message = "repository is ${var.repository.url} at ${var.repository.commit}; expected an https address, and a commit of 40 hexadecimal digits."
  }
}

variable "sign_in" {
  description = "The single sign-on: where its OpenID configuration is, and the groups of those who administer and of those who build."
  type        = object({ configuration_url = string, operators = string, developers = string })
}

variable "delivery" {
  description = "What the pipeline is told (docs/delivery.md): the deployment repository, the mall's address, and the commit up to which all was looked at."
  type        = object({ repository = string, smoke_url = string, base = optional(string, "") })
}

variable "cluster" {
  description = "The cluster that a delivery asks."
  type        = string
  default     = "marketday-prod"
}
