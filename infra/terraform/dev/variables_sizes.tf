variable "jenkins" {
  description = "Jenkins' machine, and what is installed: Jenkins' version, and the version and the SHA-256 of its plugin manager's jar."
  type = object({
    version               = string
    plugin_manager        = string
    plugin_manager_sha256 = string
    instance_type         = optional(string, "t4g.medium")
    disk_gb               = optional(number, 40)
  })

  validation {
    condition     = can(regex("^[0-9.]+$", var.jenkins.version)) && can(regex("^[0-9.]+$", var.jenkins.plugin_manager)) && can(regex("^[0-9a-f]{64}$", var.jenkins.plugin_manager_sha256))
    error_message = "jenkins is ${jsonencode(var.jenkins)}; expected versions such as 2.555.1, and a SHA-256 of 64 hexadecimal digits."
  }
}

variable "sonarqube" {
  description = "SonarQube's machine, and what is installed: its version, and the SHA-256 of its archive."
  type = object({
    version       = string
    sha256        = string
    instance_type = optional(string, "t4g.large")
    disk_gb       = optional(number, 30)
  })

  validation {
    condition     = can(regex("^[0-9.]+$", var.sonarqube.version)) && can(regex("^[0-9a-f]{64}$", var.sonarqube.sha256))
    error_message = "sonarqube is ${jsonencode(var.sonarqube)}; expected a version such as 26.4.0.1, and a SHA-256 of 64 hexadecimal digits."
  }
}

variable "agents" {
  description = "Agents: their image (docs/delivery.md) and instance type."
  type        = object({ image = string, instance_type = optional(string, "c7g.xlarge") })

  validation {
    condition     = can(regex("^ami-[0-9a-f]{8,17}$", var.agents.image))
    error_message = "agents.image is ${var.agents.image}; expected the id of an image, such as ami-0123456789abcdef0."
  }
}

variable "agent_public_key" {
  description = "OpenSSH public key by which Jenkins signs in to agents; its private half goes into the secret jenkins-agent-key."
  type        = string

  validation {
    condition     = can(regex("^ssh-ed25519 [A-Za-z0-9+/]+=*( .*)?$", trimspace(var.agent_public_key)))
    error_message = "agent_public_key is \"${substr(var.agent_public_key, 0, 24)}...\"; expected an OpenSSH key that begins with ssh-ed25519."
  }
}

variable "database" {
  description = "SonarQube's database: the instance's class, its storage in GiB, and the size up to which it grows."
  type        = object({ instance_class = string, storage_gb = number, max_storage_gb = number })
  default     = { instance_class = "db.t4g.small", storage_gb = 20, max_storage_gb = 100 }
}

variable "engine_version" {
  description = "PostgreSQL's version: its first number, or more of it."
  type        = string
  default     = "17"
}

variable "database_password_version" {
  description = "A number; when it grows, the database gets a new password. Then start SonarQube's machine again."
  type        = number
  default     = 1
}

variable "working_hours" {
  description = "When machines and database are started and stopped, as cron expressions of EventBridge Scheduler in a time zone; null: they always run."
  type        = object({ start = string, stop = string, zone = string })
  default     = { start = "cron(0 8 ? * MON-FRI *)", stop = "cron(0 21 ? * MON-FRI *)", zone = "Asia/Seoul" }

  validation {
    condition     = var.working_hours == null || try(alltrue([for moment in [var.working_hours.start, var.working_hours.stop] : can(regex("^cron\\(.+\\)$", moment))]), false)
    error_message = "working_hours are ${jsonencode(var.working_hours)}; expected cron expressions such as cron(0 8 ? * MON-FRI *), or null."
  }
}

variable "log_retention_days" {
  description = "How many days logs are kept."
  type        = number
  default     = 365
}

variable "deletion_protection" {
  description = "Whether machines and database cannot be removed."
  type        = bool
  default     = true
}

variable "skip_final_snapshot" {
  description = "Whether the database may be deleted without a last snapshot."
  type        = bool
  default     = false
}

variable "image" {
  description = "Image of both machines; null for the newest Amazon Linux 2023 when they are made."
  type        = string
  default     = null
}
