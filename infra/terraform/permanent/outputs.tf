output "state_bucket" {
  description = "Bucket of Terraform states; the states of environments are under environments/."
  value       = module.state.name
}

output "evidence_bucket" {
  description = "Bucket that keeps the activity and the logs of environments, under drops/, after they are removed."
  value       = module.logs.name
}

output "run_table" {
  description = "DynamoDB table of environments and their runs."
  value       = aws_dynamodb_table.runs.name
}

output "schedule_group" {
  description = "EventBridge Scheduler group in which environments' schedules are made."
  value       = module.lifecycle.schedule_group
}

output "scheduler_role_arn" {
  description = "Role with which a schedule invokes the lifecycle."
  value       = module.lifecycle.role_arns.scheduler
}

output "dead_letter_arn" {
  description = "Queue for a schedule's invocations that could not be delivered."
  value       = module.lifecycle.dead_letter_arn
}

output "lambda_function_name" {
  description = "Name of the lifecycle's function."
  value       = module.lifecycle.function_name
}

output "lambda_function_arn" {
  description = "ARN of the lifecycle's function."
  value       = module.lifecycle.function_arn
}

output "shell_function_name" {
  description = "Name of the function that connects to the build host by SSH."
  value       = module.lifecycle.shell_function_name
}

output "launch_template_ids" {
  description = "Launch templates of build hosts, the preferred one first, with commas; each is complete: start it without overrides."
  value       = join(",", module.build_host.launch_templates["event"][*].id)
}

output "link_launch_template_ids" {
  description = "Launch templates of build hosts for links, with a role of their own."
  value       = join(",", module.build_host.launch_templates["link"][*].id)
}

output "build_host_subnet_ids" {
  description = "Subnets of build hosts, which the launch templates name."
  value       = module.build_host.subnet_ids
}

output "repository_urls" {
  description = "Addresses of the image repositories, by image."
  value       = module.registry.repository_urls
}

output "edge" {
  description = "The distribution of the event host name, and the key-value store in which an event stack writes the address of its load balancer."
  value = {
    distribution_id     = module.edge.distribution_id
    domain_name         = module.edge.domain_name
    key_value_store_arn = module.edge.key_value_store_arn
  }
}

output "certificate_arn" {
  description = "Certificate of the event host name in the region, for load balancers."
  value       = module.edge.certificate_arn
}

output "zone" {
  description = "DNS zone: its id, and, if it was made here, the name servers to delegate it to."
  value = {
    id           = local.zone_id
    name_servers = one(aws_route53_zone.this[*].name_servers)
  }
}

output "zone_id" {
  description = "DNS zone of the event host name."
  value       = local.zone_id
}

output "alarm_topic_arn" {
  description = "Topic that alarms are sent to."
  value       = aws_sns_topic.alarms.arn
}

output "boundary_policy_arn" {
  description = "Permissions boundary of every role of an event or link stack (their variable permissions_boundary_arn)."
  value       = module.builder.boundary_policy_arn
}

output "parameters" {
  description = "SSM parameters that the lifecycle reads: facts for event stacks, and the keys of receipts."
  value = {
    stack    = aws_ssm_parameter.stack.name
    receipts = aws_ssm_parameter.receipts.name
  }
}

output "secrets" {
  description = "Names of the secrets whose values are stored by hand: ssh, host_key, slack."
  value       = { for key, secret in aws_secretsmanager_secret.this : key => secret.name }
}

output "controller_policy_arns" {
  description = "The policies of the mall's controller: the value of the same variable of the stack prod."
  value       = module.lifecycle.controller_policy_arns
}
