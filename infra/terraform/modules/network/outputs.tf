output "vpc_id" {
  description = "The network's id, after all its routes exist."
  value       = aws_vpc.this.id
  depends_on  = [aws_route.public_internet, aws_route.app_internet]
}

output "vpc_cidr" {
  description = "The network's range."
  value       = aws_vpc.this.cidr_block

  precondition {
    condition     = length(module.cidr_check.overlapping) == 0
    error_message = "vpc_cidr ${var.vpc_cidr} overlaps ${join(", ", module.cidr_check.overlapping)}; expected a range of its own: the link could not route between the two."
  }
}

output "availability_zones" {
  description = "The zones in which each tier has a subnet."
  value       = var.availability_zones
}

output "public_subnet_ids" {
  description = "The public subnets, in the order of the zones."
  value       = [for zone in var.availability_zones : aws_subnet.public[zone].id]
}

output "public_subnet_cidrs" {
  description = "The ranges of the public subnets, in the order of the zones."
  value       = [for zone in var.availability_zones : aws_subnet.public[zone].cidr_block]
}

output "app_subnet_ids" {
  description = "The app subnets, in the order of the zones, after tasks there can reach their images and secrets."
  value       = [for zone in var.availability_zones : aws_subnet.app[zone].id]
  depends_on = [
    aws_route.app_internet,
    aws_route_table_association.app,
    aws_vpc_endpoint.interface,
    aws_vpc_endpoint.s3,
    aws_vpc_security_group_ingress_rule.endpoints_from_app,
  ]
}

output "app_subnet_cidrs" {
  description = "The ranges of the app subnets, in the order of the zones."
  value       = [for zone in var.availability_zones : aws_subnet.app[zone].cidr_block]
}

output "database_subnet_ids" {
  description = "The database subnets, in the order of the zones."
  value       = [for zone in var.availability_zones : aws_subnet.database[zone].id]
}

output "database_subnet_cidrs" {
  description = "The ranges of the database subnets, in the order of the zones."
  value       = [for zone in var.availability_zones : aws_subnet.database[zone].cidr_block]
}

output "controller_subnet_ids" {
  description = "The subnets of the mall's controller, after all their routes exist; none without that tier."
  value       = [for zone in keys(local.controller_zones) : aws_subnet.controller[zone].id]
  depends_on  = [aws_route.controller_internet, aws_route_table_association.controller, aws_vpc_endpoint.dynamodb]
}

output "controller_subnet_cidrs" {
  description = "The ranges of these subnets."
  value       = [for zone in keys(local.controller_zones) : aws_subnet.controller[zone].cidr_block]
}

output "controller_route_table_ids" {
  description = "Their route tables."
  value       = [for zone in keys(local.controller_zones) : aws_route_table.controller[zone].id]
}

output "public_route_table_id" {
  description = "The one route table of the public tier."
  value       = aws_route_table.public.id
}

output "app_route_table_ids" {
  description = "The route tables of the app tier, in the order of the zones."
  value       = [for zone in var.availability_zones : aws_route_table.app[zone].id]
}

output "database_route_table_ids" {
  description = "The route tables of the database tier: one for all zones, because it has no route out."
  value       = [aws_route_table.database.id]
}

output "endpoint_security_group_id" {
  description = "The security group of the interface endpoints."
  value       = aws_security_group.endpoints.id
}

output "s3_prefix_list_id" {
  description = "The addresses of S3 as a prefix list for security groups; null without its endpoint."
  value       = one(aws_vpc_endpoint.s3[*].prefix_list_id)
}
