# The build host: who reaches it, and how it ends.

mock_provider "aws" {
  mock_data "aws_caller_identity" {
    defaults = { account_id = "210987654321" }
  }

  mock_data "aws_partition" {
    defaults = { partition = "aws", dns_suffix = "amazonaws.com" }
  }

  mock_data "aws_region" {
    defaults = { name = "ap-northeast-2" }
  }

  mock_data "aws_availability_zones" {
    defaults = { names = ["ap-northeast-2a", "ap-northeast-2b"] }
  }

  mock_data "aws_iam_policy_document" {
    defaults = { json = "{}" }
  }

  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::210987654321:role/marketday-role" }
  }

  mock_resource "aws_cloudwatch_log_group" {
    defaults = { arn = "arn:aws:logs:ap-northeast-2:210987654321:log-group:/marketday/log" }
  }
}

variables {
  name           = "marketday-build-host"
  vpc_cidr       = "10.255.255.0/26"
  instance_types = ["t4g.medium", "m7g.medium"]
  public_key     = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA operator"

  instance_profiles = {
    event = { name = "marketday-builder", arn = "arn:aws:iam::210987654321:instance-profile/marketday-builder" }
    link  = { name = "marketday-link-builder", arn = "arn:aws:iam::210987654321:instance-profile/marketday-link-builder" }
  }

  host_key_secret    = "marketday/build-host/host-key" #checkov:skip=CKV_SECRET_6: the name of a secret, not its value
  terraform_version  = "1.11.4"
  provider_mirror    = "s3://marketday-state/providers"
  repository_url     = "https://github.com/example/marketday.git"
  kms_key_arn        = "arn:aws:kms:ap-northeast-2:210987654321:key/7ad2d2b1-0000-4000-8000-000000000000"
  log_retention_days = 30
}

override_resource {
  target = aws_vpc.this
  values = { ipv6_cidr_block = "2001:db8:1234:1a00::/56" }
}

run "build_host" {
  module {
    source = "../modules/build_host"
  }

  assert {
    condition     = aws_launch_template.this["event"].metadata_options[0].http_tokens == "required" && aws_launch_template.this["event"].metadata_options[0].http_put_response_hop_limit == 1
    error_message = "The metadata service must require a token (IMDSv2), and answer only this machine."
  }

  assert {
    condition     = aws_launch_template.this["event"].instance_initiated_shutdown_behavior == "terminate" && can(regex("^#cloud-config\nbootcmd:\n(  #[^\n]*\n)+  - \\|\n    units=/etc/systemd/system\n    if \\[ ! -e \\$units/marketday-end.timer \\]; then\n", base64decode(aws_launch_template.this["event"].user_data)))
    error_message = "At its first boot a build host must first set the time of its own end."
  }

  assert {
    condition     = alltrue([for template in aws_launch_template.this : template.private_dns_name_options[0].hostname_type == "resource-name"])
    error_message = "The host's name must hold the instance's id: by it a lost run's lock is told from anybody else's."
  }

  assert {
    condition     = tobool(aws_launch_template.this["event"].block_device_mappings[0].ebs[0].encrypted) && aws_launch_template.this["event"].block_device_mappings[0].ebs[0].volume_type == "gp3"
    error_message = "The disk must be encrypted."
  }

  assert {
    condition     = length(aws_launch_template.this) == 8 && alltrue([for key, template in aws_launch_template.this : template.iam_instance_profile[0].arn == "arn:aws:iam::210987654321:instance-profile/marketday-${startswith(key, "link") ? "link-" : ""}builder"])
    error_message = "A host has the role for the stack that it builds, and no other."
  }

  assert {
    condition     = aws_launch_template.this["link"].user_data == aws_launch_template.this["event"].user_data && aws_launch_template.this["link"].instance_type == aws_launch_template.this["event"].instance_type
    error_message = "The two kinds of hosts differ only in their role."
  }

  assert {
    condition     = aws_vpc_security_group_ingress_rule.ssh.cidr_ipv4 == aws_subnet.private.cidr_block && aws_vpc_security_group_ingress_rule.ssh.cidr_ipv4 == "10.255.255.32/27"
    error_message = "SSH comes from ${aws_vpc_security_group_ingress_rule.ssh.cidr_ipv4}; only the function's subnet may send it."
  }

  assert {
    condition     = aws_vpc_security_group_ingress_rule.ssh.cidr_ipv4 != "0.0.0.0/0" && aws_vpc_security_group_ingress_rule.ssh.cidr_ipv6 == null && aws_vpc_security_group_ingress_rule.ssh.from_port == 22 && aws_vpc_security_group_ingress_rule.ssh.to_port == 22
    error_message = "Only SSH comes in, and nothing from public addresses."
  }

  assert {
    condition     = aws_launch_template.this["event"].network_interfaces[0].subnet_id == aws_subnet.public["ap-northeast-2a"].id && toset(aws_launch_template.this["event"].network_interfaces[0].security_groups) == toset([aws_security_group.host.id])
    error_message = "The build host starts in its own subnet, in its own group."
  }

  assert {
    condition     = length(aws_default_security_group.closed.ingress) == 0 && length(aws_default_security_group.closed.egress) == 0
    error_message = "The default group must be closed."
  }

  assert {
    condition     = aws_vpc_security_group_egress_rule.shell_ssh.cidr_ipv4 == "10.255.255.0/27" && aws_vpc_security_group_egress_rule.host_tls.from_port == 443 && aws_vpc_security_group_egress_rule.host_tls.to_port == 443
    error_message = "The function reaches only build hosts, and a build host only TLS ports."
  }

  assert {
    condition     = strcontains(base64decode(aws_launch_template.this["event"].user_data), "terraform-1.11.4") && strcontains(base64decode(aws_launch_template.this["event"].user_data), "PasswordAuthentication no")
    error_message = "The version of Terraform is pinned, and nobody can sign in with a password."
  }

  assert {
    condition     = [for key in ["event", "event-spare-1", "event-spare-2", "event-spare-3"] : "${aws_launch_template.this[key].instance_type} ${aws_launch_template.this[key].name}"] == ["t4g.medium marketday-build-host", "t4g.medium marketday-build-host-event-spare-1", "m7g.medium marketday-build-host-event-spare-2", "m7g.medium marketday-build-host-event-spare-3"]
    error_message = "When a host does not stay, the next one comes from another zone, and then of another type."
  }

  assert {
    condition     = aws_subnet.public["ap-northeast-2a"].cidr_block == "10.255.255.0/28" && aws_subnet.public["ap-northeast-2b"].cidr_block == "10.255.255.16/28"
    error_message = "Each zone has a subnet of its own, not smaller than AWS allows."
  }

  assert {
    condition     = strcontains(base64decode(aws_launch_template.this["event"].user_data), "s3://marketday-state/providers /var/lib/marketday/providers") && !strcontains(base64decode(aws_launch_template.this["event"].user_data), "credential")
    error_message = "The provider must come from our mirror; a public repository needs no token."
  }
}

run "another_range" {
  module {
    source = "../modules/build_host"
  }

  variables {
    vpc_cidr           = "172.31.200.0/24"
    availability_zones = ["ap-northeast-2c"]
    instance_types     = ["m7g.large"]
  }

  assert {
    condition     = aws_vpc_security_group_ingress_rule.ssh.cidr_ipv4 == "172.31.200.128/25" && aws_subnet.public["ap-northeast-2c"].cidr_block == "172.31.200.0/25" && length(aws_launch_template.this) == 2
    error_message = "The function's subnet follows the range."
  }
}

run "a_private_repository" {
  module {
    source = "../modules/build_host"
  }

  variables {
    repository_secret = "marketday/repository/token" #checkov:skip=CKV_SECRET_6: the name of a secret, not its value
  }

  assert {
    condition     = strcontains(base64decode(aws_launch_template.this["link"].user_data), "git config --system credential.https://github.com/example/marketday.git.helper marketday")
    error_message = "git must ask for the token of this repository, and of no other."
  }
}
