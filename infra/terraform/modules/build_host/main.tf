# How a build host starts. The caller names one of these templates, and nothing else. For each stack there are several, and those of
# two stacks differ only in the role of the host: the first, and the next one when AWS has no room for a host there, or when it
# did not stay. All zones come with the first type, then all zones with the next.

data "aws_region" "this" {}

resource "aws_key_pair" "this" {
  key_name   = var.name
  public_key = trimspace(var.public_key)

  tags = { Name = var.name }
}

locals {
  places = [for pair in setproduct(var.instance_types, local.zones) : { type = pair[0], zone = pair[1] }]

  templates = { for stack, profile in var.instance_profiles : stack => [
    for index, place in local.places : { key = index == 0 ? stack : "${stack}-spare-${index}", place = place, profile = profile }
  ] }
}

resource "aws_launch_template" "this" {
  #checkov:skip=CKV_AWS_88: the public address is the way out without a NAT gateway; nobody can connect from outside (access.tf)
  for_each = { for template in flatten(values(local.templates)) : template.key => template }

  name        = each.key == "event" ? var.name : "${var.name}-${each.key}"
  description = "Runs Terraform for one environment, and ends itself"

  # Read when an instance starts: always the newest image, and a new image does not change this stack.
  image_id      = "resolve:ssm:/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-arm64"
  instance_type = each.value.place.type
  key_name      = aws_key_pair.this.key_name

  # It shuts itself down after four hours (user data); then it is terminated, not stopped. If it hangs, the next call that
  # looks for it terminates it (ec2.py).
  instance_initiated_shutdown_behavior = "terminate"
  update_default_version               = true

  iam_instance_profile {
    arn = each.value.profile.arn # by ARN, as the lifecycle's rights name it
  }

  # Its name holds the instance's id. Terraform writes the name into its locks, so a lock shows who holds it (locks.py).
  private_dns_name_options {
    hostname_type = "resource-name"
  }

  metadata_options {
    http_endpoint               = "enabled"
    http_tokens                 = "required"
    http_put_response_hop_limit = 1
  }

  network_interfaces {
    device_index                = 0
    subnet_id                   = aws_subnet.public[each.value.place.zone].id
    security_groups             = [aws_security_group.host.id]
    associate_public_ip_address = true
    delete_on_termination       = true
  }

  block_device_mappings {
    device_name = "/dev/xvda"

    ebs {
      volume_type           = "gp3"
      volume_size           = 16
      encrypted             = true
      delete_on_termination = true
    }
  }

  dynamic "tag_specifications" {
    for_each = toset(["instance", "network-interface", "volume"])

    content {
      resource_type = tag_specifications.value
      tags          = { Name = var.name, "marketday:stack" = "permanent", "marketday:role" = "build-host" }
    }
  }

  user_data = base64encode(templatefile("${path.module}/user_data.yaml.tftpl", {
    region            = data.aws_region.this.name
    host_key_secret   = var.host_key_secret
    terraform_version = var.terraform_version
    provider_mirror   = var.provider_mirror
    repository_url    = var.repository_url
    repository_secret = var.repository_secret
  }))

  tags = { Name = var.name }
}
