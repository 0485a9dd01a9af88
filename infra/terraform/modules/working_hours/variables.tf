variable "name" {
  description = "The beginning of every name here."
  type        = string
}

variable "machines" {
  description = "Instances that are stopped and started."
  type        = list(object({ id = string, arn = string }))
}

variable "database" {
  description = "Database that is stopped and started."
  type        = string
}

variable "key_arn" {
  description = "KMS key of their disks."
  type        = string
}

variable "hours" {
  description = "When they are started and stopped, as cron expressions in a time zone; null: they always run."
  type        = object({ start = string, stop = string, zone = string })
}
