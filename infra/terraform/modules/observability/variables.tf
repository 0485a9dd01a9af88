variable "name" {
  description = "The beginning of every name here."
  type        = string
}

variable "alarm_topic_arn" {
  description = "The SNS topic that every alarm notifies, at its start and its end."
  type        = string
}

variable "cluster_name" {
  description = "The ECS cluster."
  type        = string
}

variable "services" {
  description = "For each service, by its short name: its name in ECS and the minimum number of its tasks."
  type        = map(object({ name = string, min = number }))
}

variable "load_balancer" {
  description = "The load balancer's arn_suffix, the target groups' by service, and the web ACL's name."
  type        = object({ arn_suffix = string, target_groups = map(string), web_acl_name = string })
}

variable "database" {
  description = "The database instance: its name, its storage in GiB, and how many connections the services can open."
  type        = object({ identifier = string, storage_gb = number, connections = number })
}

variable "cache_node_ids" {
  description = "The nodes of the cache."
  type        = list(string)
}

variable "stream_name" {
  description = "The Kinesis stream."
  type        = string
}

variable "delivery_stream_name" {
  description = "The Firehose stream."
  type        = string
}
