variable "name" {
  description = "The beginning of the names of the functions and their roles."
  type        = string
}

variable "package" {
  description = "Path of the zip with the code of both functions."
  type        = string
}

variable "kms_key_arn" {
  description = "Key for settings, logs, secrets and the run table."
  type        = string
}

variable "log_retention_days" {
  description = "Days that the functions' logs are kept."
  type        = number
}

variable "alarm_topic_arn" {
  description = "Topic of alarms, and of notices that Slack does not take."
  type        = string
}

variable "run_table" {
  description = "Run table: name and ARN."
  type        = object({ name = string, arn = string })
}

variable "state_bucket" {
  description = "State bucket: name and ARN."
  type        = object({ name = string, arn = string })
}

variable "secrets" {
  description = "Secrets: name and ARN of the Slack webhook (`slack`) and of the build host's SSH key (`ssh`)."
  type        = map(object({ name = string, arn = string }))
}

variable "parameters" {
  description = "SSM parameters: name and ARN of the facts for event stacks (`stack`) and of the receipts' keys (`receipts`)."
  type        = map(object({ name = string, arn = string }))
}

variable "build_host" {
  description = "How build hosts start, by the stack that they build, and the network from which the shell reaches them."
  type = object({
    launch_templates        = map(list(object({ id = string, arn = string })))
    instance_profiles       = map(object({ name = string, arn = string }))
    role_arns               = map(string)
    instance_types          = list(string)
    subnet_arns             = list(string)
    host_security_group_arn = string
    name                    = string
    shell_subnet_id         = string
    shell_security_group_id = string
  })
}

variable "host" {
  description = "How commands reach the build host: build-host (SSH) or ssm (Run Command)."
  type        = string
}

variable "language" {
  description = "Language of messages: ko or en."
  type        = string
}

variable "repository" {
  description = "Repository that build hosts clone, and the commit."
  type        = object({ url = string, commit = string })
}
