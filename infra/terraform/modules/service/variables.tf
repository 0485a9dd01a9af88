variable "name" {
  description = "The environment's name, such as md-3f9a1c2e; names here are <name>-<service>."
  type        = string
}

variable "service" {
  description = "The service: gate, store or worker."
  type        = string
}

variable "cluster" {
  description = "The ECS cluster that it runs in."
  type        = object({ arn = string, name = string })
}

variable "image" {
  description = "The service's image in ECR."
  type        = string

  validation {
    condition     = can(regex("^[0-9]{12}\\.dkr\\.ecr\\.[a-z0-9-]+\\.amazonaws\\.com(\\.cn)?/[a-z0-9._/-]+[:@].+$", var.image))
    error_message = "image is ${var.image}; expected an image in ECR with a tag or digest: the network reaches no other registry."
  }
}

variable "command" {
  description = "What the image's entry point, python3 -m, runs: a module and its arguments."
  type        = list(string)
}

variable "environment" {
  description = "Environment variables of the container."
  type        = map(string)
}

variable "secrets" {
  description = "Environment variables that are read from Secrets Manager when a task starts: ARN of the secret, by name."
  type        = map(string)
}

variable "first" {
  description = "A container that must succeed before the service starts in the same task; null for none."
  type = object({
    name        = string
    image       = string
    command     = list(string)
    environment = map(string)
    secrets     = map(string)
  })
  default = null
}

variable "port" {
  description = "The port that the container listens on."
  type        = number
  default     = 8080
}

variable "size" {
  description = "CPU units and MiB of one task, and the minimum and maximum number of tasks."
  type        = object({ cpu = number, memory = number, min = number, max = number })
}

variable "spot_weight" {
  description = "Above the minimum: how many tasks run on Fargate Spot for each one on Fargate; 0 for no Spot."
  type        = number
  default     = 0
}

variable "balanced" {
  description = "The load balancer's target group, and how many requests a minute one task should get; null for a service without requests."
  type = object({
    target_group_arn    = string
    resource_label      = string
    requests_per_target = number
  })
  default = null
}

variable "subnet_ids" {
  description = "The subnets of the tasks, one in each zone."
  type        = list(string)
}

variable "security_group_id" {
  description = "The security group of the tasks."
  type        = string
}

variable "stream" {
  description = "The Kinesis stream that the service may write activity to."
  type        = object({ arn = string, name = string })
}

variable "key_arn" {
  description = "The KMS key of the environment's data and logs."
  type        = string
}

variable "log_retention_days" {
  description = "How many days its log is kept."
  type        = number
}

variable "permissions_boundary_arn" {
  description = "The permissions boundary of every role made here; null for none."
  type        = string
  default     = null
}
