# The network, the cluster and its nodes, module by module as the stack uses them.

mock_provider "aws" {
  override_during = plan

  mock_data "aws_caller_identity" {
    defaults = { account_id = "123456789012" }
  }

  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }

  mock_data "aws_region" {
    defaults = { name = "ap-northeast-2" }
  }

  mock_data "aws_iam_policy_document" {
    defaults = { json = "{\"Version\":\"2012-10-17\",\"Statement\":[]}" }
  }

  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::123456789012:role/a-role" }
  }

  mock_resource "aws_cloudwatch_log_group" {
    defaults = { arn = "arn:aws:logs:ap-northeast-2:123456789012:log-group:a-group" }
  }

  mock_resource "aws_sqs_queue" {
    defaults = { arn = "arn:aws:sqs:ap-northeast-2:123456789012:marketday-prod-karpenter", id = "https://sqs.ap-northeast-2.amazonaws.com/123456789012/marketday-prod-karpenter" }
  }

  mock_resource "aws_launch_template" {
    defaults = { id = "lt-0123456789abcdef0", latest_version = 1 }
  }
}

mock_provider "aws" {
  alias = "recovery"
}

variables {
  name               = "marketday-prod"
  cluster_name       = "marketday-prod"
  cluster            = { name = "marketday-prod", arn = "arn:aws:eks:ap-northeast-2:123456789012:cluster/marketday-prod" }
  kubernetes_version = "1.35"
  vpc_id             = "vpc-0a1b2c3d"
  subnet_ids         = ["subnet-0a", "subnet-0b", "subnet-0c"]
  key_arn            = "arn:aws:kms:ap-northeast-2:123456789012:key/00000000-0000-4000-8000-000000000000"
  log_retention_days = 365
  security_group_id  = "sg-0c"
}

run "the_network" {
  command = plan

  module {
    source = "../modules/network"
  }

  variables {
    vpc_cidr           = "10.0.0.0/16"
    availability_zones = ["ap-northeast-2a", "ap-northeast-2b", "ap-northeast-2c"]
    controller_tier    = true
    dynamodb_endpoint  = true
    other_cidrs        = ["172.20.0.0/16"]
    tier_tags          = { controller = { "karpenter.sh/discovery" = "marketday-prod-controller" } }
  }

  assert {
    condition     = [for zone in var.availability_zones : aws_subnet.controller[zone].cidr_block] == ["10.0.216.0/23", "10.0.218.0/23", "10.0.220.0/23"]
    error_message = "the controller's subnets are not between the public ones and the database's"
  }

  assert {
    condition     = length(distinct(concat(output.public_subnet_cidrs, output.app_subnet_cidrs, output.controller_subnet_cidrs, output.database_subnet_cidrs))) == 12
    error_message = "two tiers share a range"
  }

  assert {
    condition     = alltrue([for subnet in aws_subnet.controller : subnet.tags["karpenter.sh/discovery"] == "marketday-prod-controller"]) && alltrue([for subnet in aws_subnet.app : !contains(keys(subnet.tags), "karpenter.sh/discovery")])
    error_message = "Karpenter would start other nodes in the controller's subnets"
  }

  assert {
    condition     = length(aws_route.controller_internet) == 3 && length(aws_nat_gateway.this) == 3
    error_message = "the controller of a zone has no way to AWS and the gateway when another zone fails"
  }
}

run "services_at_the_networks_own_addresses_are_refused" {
  command = plan

  module {
    source = "../modules/network"
  }

  variables {
    vpc_cidr           = "172.20.0.0/16"
    availability_zones = ["ap-northeast-2a", "ap-northeast-2c"]
    other_cidrs        = ["172.20.0.0/16"]
  }

  expect_failures = [output.vpc_cidr]
}

run "the_cluster" {
  command = plan

  module {
    source = "../modules/cluster"
  }

  variables {
    service_cidr    = "172.20.0.0/16"
    admin_role_arns = ["arn:aws:iam::123456789012:role/administrators"]
  }

  assert {
    condition     = aws_eks_cluster.this.vpc_config[0].endpoint_private_access && !aws_eks_cluster.this.vpc_config[0].endpoint_public_access
    error_message = "the cluster's API can be reached from the internet, or cannot be reached at all"
  }

  assert {
    condition     = aws_eks_cluster.this.encryption_config[0].provider[0].key_arn == var.key_arn && aws_eks_cluster.this.encryption_config[0].resources == toset(["secrets"])
    error_message = "secrets are not encrypted with the plane's own key"
  }

  assert {
    condition     = length(aws_eks_cluster.this.enabled_cluster_log_types) == 5 && aws_cloudwatch_log_group.this.name == "/aws/eks/marketday-prod/cluster" && aws_cloudwatch_log_group.this.kms_key_id == var.key_arn
    error_message = "a log of the control plane is missing, or its group is not the one that EKS writes to"
  }

  assert {
    condition     = aws_eks_cluster.this.access_config[0].authentication_mode == "API" && !aws_eks_cluster.this.access_config[0].bootstrap_cluster_creator_admin_permissions
    error_message = "the one who made the cluster, or a map inside it, says who may enter it"
  }

  assert {
    condition     = keys(aws_eks_access_policy_association.admin) == ["arn:aws:iam::123456789012:role/administrators"]
    error_message = "others than the named role administer the cluster"
  }

  assert {
    condition     = aws_vpc_security_group_ingress_rule.from_operators.from_port == 443 && aws_vpc_security_group_ingress_rule.from_operators.cidr_ipv4 == null
    error_message = "the cluster's API can be reached by address, and not only by the operators' group"
  }
}

run "the_system_nodes" {
  command = plan

  module {
    source = "../modules/system_nodes"
  }

  variables {
    size = { instance_types = ["t4g.medium"], min = 2, max = 4, disk_gb = 30 }
  }

  assert {
    condition     = aws_launch_template.this.metadata_options[0].http_tokens == "required" && aws_launch_template.this.metadata_options[0].http_put_response_hop_limit == 1
    error_message = "a pod can take the credentials of its node"
  }

  assert {
    condition     = alltrue([for disk in aws_launch_template.this.block_device_mappings : disk.ebs[0].encrypted == "true"])
    error_message = "a disk is not encrypted"
  }

  assert {
    condition     = one(aws_eks_node_group.this.taint).key == "CriticalAddonsOnly"
    error_message = "the mall's pods can take the place of the cluster's own"
  }

  assert {
    condition     = !strcontains(join(" ", [for attachment in aws_iam_role_policy_attachment.this : attachment.policy_arn]), "CNI")
    error_message = "each pod of a node could change its network interfaces"
  }
}

run "karpenter" {
  command = plan

  module {
    source = "../modules/karpenter"
  }

  assert {
    condition     = aws_eks_access_entry.node.type == "EC2_LINUX" && aws_iam_instance_profile.node.name == "marketday-prod-karpenter-node"
    error_message = "the nodes of Karpenter cannot join the cluster"
  }

  assert {
    condition     = length(aws_cloudwatch_event_target.interruptions) == 4 && alltrue([for target in aws_cloudwatch_event_target.interruptions : target.arn == aws_sqs_queue.interruptions.arn])
    error_message = "Karpenter does not hear of all interruptions"
  }

  # What changes something is limited: by a condition, or to things that are named.
  assert {
    condition = alltrue([
      for statement in data.aws_iam_policy_document.nodes.statement :
      length(statement.condition) > 0 || contains(["From", "HearOfInterruptions"], statement.sid)
    ])
    error_message = "Karpenter may change things of others"
  }

  assert {
    condition     = !contains(flatten([for statement in data.aws_iam_policy_document.nodes.statement : statement.resources]), "*")
    error_message = "Karpenter may change anything of some kind"
  }

  assert {
    condition = toset([
      for condition in one([for statement in data.aws_iam_policy_document.nodes.statement : statement if statement.sid == "End"]).condition : condition.variable
    ]) == toset(["aws:ResourceTag/karpenter.sh/nodepool", "aws:ResourceTag/kubernetes.io/cluster/marketday-prod"])
    error_message = "Karpenter may end instances that it did not start"
  }

  assert {
    condition     = length([for resource in one([for statement in data.aws_iam_policy_document.nodes.statement : statement if statement.sid == "From"]).resources : resource if endswith(resource, "subnet/*") || endswith(resource, "security-group/*")]) == 0
    error_message = "Karpenter may start nodes in other networks"
  }

  assert {
    condition     = length([for action in flatten([for statement in data.aws_iam_policy_document.nodes.statement : statement.actions]) : action if startswith(action, "iam:")]) == 1
    error_message = "Karpenter may change roles or profiles"
  }
}
