variable "cluster" {
  description = "The cluster: its name and ARN."
  type        = object({ name = string, arn = string })
}
