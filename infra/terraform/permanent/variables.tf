variable "region" {
  description = "AWS region of this stack and of every event stack."
  type        = string
  default     = "ap-northeast-2"

  validation {
    condition     = can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", var.region))
    error_message = "region is \"${var.region}\"; expected a region's name, such as ap-northeast-2."
  }
}

variable "replica_region" {
  description = "Region to which images are copied, and from which they are copied back."
  type        = string
  default     = "ap-northeast-1"

  validation {
    condition     = can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", var.replica_region)) && var.replica_region != var.region
    error_message = "replica_region is \"${var.replica_region}\"; expected a region's name other than region (${var.region})."
  }
}

variable "provider_max_retries" {
  description = "How often the provider repeats a refused call; null is its own default."
  type        = number
  default     = null
}

variable "deletion_protection" {
  description = "Whether data that cannot be made again (states, runs, images) is protected from destruction."
  type        = bool
  default     = true
}

variable "hostname" {
  description = "Host name of the event plane, such as drop.example.com."
  type        = string

  validation {
    condition     = can(regex("^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\\.)+[a-z]{2,63}$", var.hostname)) && length(var.hostname) <= 253
    error_message = "hostname is \"${var.hostname}\"; expected a host name in lower case, such as drop.example.com."
  }
}

variable "zone" {
  description = "DNS zone of the host name: its name, and its id if it exists already. Without an id the zone is made: delegate it to the name servers of the output `zone` within an hour, because the certificates wait for it."
  type        = object({ name = string, id = optional(string) })

  validation {
    condition     = var.hostname == var.zone.name || endswith(var.hostname, ".${var.zone.name}")
    error_message = "zone.name is \"${var.zone.name}\"; expected the zone of hostname (${var.hostname})."
  }
}

variable "edge_firewall" {
  description = "Whether the edge has a firewall with AWS's managed rules, for 7 dollars a month. Each event stack has another one at the load balancer, with rate rules."
  type        = bool
  default     = true
}

variable "edge_web_acl_arn" {
  description = "A firewall of your own for the edge (a global web ACL in us-east-1), in place of ours."
  type        = string
  default     = null

  validation {
    condition     = var.edge_web_acl_arn == null || can(regex("^arn:[a-z-]+:wafv2:us-east-1:[0-9]{12}:global/webacl/", var.edge_web_acl_arn))
    error_message = "edge_web_acl_arn is \"${coalesce(var.edge_web_acl_arn, "null")}\"; expected null or the ARN of a global web ACL in us-east-1."
  }
}

variable "log_retention_days" {
  description = "How many days logs are kept; CloudWatch allows only certain numbers."
  type        = number
  default     = 365

  validation {
    condition     = contains([30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.log_retention_days)
    error_message = "log_retention_days is ${var.log_retention_days}; expected a number of days that CloudWatch allows, 30 or more, such as 365."
  }
}

variable "alarm_emails" {
  description = "E-mail addresses that get alarms, and notices when Slack does not work; each must confirm a mail from AWS. At least one, or set alarms_reach_nobody."
  type        = set(string)
  default     = []

  validation {
    condition     = alltrue([for address in var.alarm_emails : can(regex("^[^@\\s]+@[^@\\s]+\\.[^@\\s]+$", address))])
    error_message = "alarm_emails is ${jsonencode(var.alarm_emails)}; expected e-mail addresses."
  }

  validation {
    condition     = (length(var.alarm_emails) > 0) != var.alarms_reach_nobody
    error_message = "alarm_emails is ${jsonencode(var.alarm_emails)} and alarms_reach_nobody is ${var.alarms_reach_nobody}; expected at least one address, or alarms_reach_nobody = true and none."
  }
}

variable "alarms_reach_nobody" {
  description = "True says that nobody subscribes to alarms here, because somebody subscribes to the topic in another way, or for a trial."
  type        = bool
  default     = false
}

variable "monthly_budget_usd" {
  description = "Monthly cost of everything tagged marketday:stack, in USD, above which an alarm is sent (activate that tag as a cost allocation tag); null for none."
  type        = number
  default     = null

  validation {
    condition     = var.monthly_budget_usd == null || try(var.monthly_budget_usd > 0, false)
    error_message = "monthly_budget_usd is ${coalesce(var.monthly_budget_usd, 0)}; expected null or more than 0."
  }
}
