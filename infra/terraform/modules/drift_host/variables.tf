variable "name" {
  description = "Name of everything here."
  type        = string
}

variable "schedule" {
  description = "When to look: a schedule expression of EventBridge Scheduler."
  type        = string
}

variable "instance_type" {
  description = "Instance type with a Graviton processor and 4 GiB of memory: Terraform and its provider take 1.3 GB."
  type        = string
}

variable "subnet_id" {
  description = "Subnet in which it starts, with a way out."
  type        = string
}

variable "security_group_id" {
  description = "Security group that lets TLS out."
  type        = string
}

variable "terraform_version" {
  description = "Version of Terraform that is installed."
  type        = string
}

variable "provider_mirror" {
  description = "Where the mirror of Terraform's provider is, as s3://bucket/prefix."
  type        = string
}

variable "repository" {
  description = "Repository with Marketday's code: address, commit, and if it is private the name and the ARN of the secret with its token."
  type        = object({ url = string, commit = string, secret = optional(string), secret_arn = optional(string) })
}

variable "settings" {
  description = "Settings of `marketday env drift`, by the names of its environment variables."
  type        = map(string)
}

variable "state_bucket_arn" {
  description = "Bucket of Terraform's states."
  type        = string
}

variable "kms_key_arn" {
  description = "Key of that bucket, of the parameters and of the secret."
  type        = string
}

variable "slack_secret_arn" {
  description = "Secret with Slack's webhook."
  type        = string
}

variable "alarm_topic_arn" {
  description = "Topic of alarms."
  type        = string
}

variable "dead_letter_arn" {
  description = "Queue of schedules that could not be delivered."
  type        = string
}
