# What the pods of the plane reach, and what they may do in AWS.

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
}

mock_provider "aws" {
  alias = "recovery"
}

variables {
  name    = "marketday-prod"
  vpc_id  = "vpc-0a1b2c3d"
  cluster = { name = "marketday-prod", arn = "arn:aws:eks:ap-northeast-2:123456789012:cluster/marketday-prod" }
  key_arn = "arn:aws:kms:ap-northeast-2:123456789012:key/00000000-0000-4000-8000-000000000000"
}

run "who_reaches_whom" {
  command = plan

  module {
    source = "../modules/pod_groups"
  }

  variables {
    port                      = 8080
    servers                   = { database = "sg-0d", cache = "sg-0e" }
    cluster_security_group_id = "sg-0c"
    event_pool                = "10.64.0.0/12"
  }

  assert {
    condition     = toset([for call in aws_vpc_security_group_ingress_rule.call : call.description if endswith(call.description, "-to-database")]) == toset(["mall-to-database", "console-to-database", "controller-to-database", "migrate-to-database"])
    error_message = "others than the four reach the database"
  }

  assert {
    condition     = toset([for call in aws_vpc_security_group_ingress_rule.call : call.description if endswith(call.description, "-to-cache")]) == toset(["mall-to-cache", "console-to-cache"])
    error_message = "others than mall and console reach the cache"
  }

  assert {
    condition     = length([for call in aws_vpc_security_group_ingress_rule.call : call if endswith(call.description, "-to-controller")]) == 0
    error_message = "somebody reaches the controller"
  }

  assert {
    condition     = toset([for rule in aws_vpc_security_group_egress_rule.event_planes : "${rule.cidr_ipv4} ${rule.from_port}"]) == toset(["10.64.0.0/12 5432", "10.64.0.0/12 6379"])
    error_message = "the controller cannot go to an event plane's database and cache, or it can go elsewhere"
  }

  assert {
    condition     = toset(keys(aws_vpc_security_group_egress_rule.https)) == toset(["mall", "console", "controller"])
    error_message = "a migration reaches the internet"
  }

  assert {
    condition     = alltrue([for rule in concat(values(aws_vpc_security_group_ingress_rule.call), values(aws_vpc_security_group_ingress_rule.names), values(aws_vpc_security_group_ingress_rule.probes)) : rule.cidr_ipv4 == null])
    error_message = "a pod or a server can be reached by address, and not only by a group"
  }

  assert {
    condition     = toset(keys(aws_vpc_security_group_ingress_rule.probes)) == toset(["mall", "console", "controller"]) && length(aws_vpc_security_group_ingress_rule.names) == 8
    error_message = "a node cannot ask its pods how they are, or a pod finds no names"
  }
}

run "a_role_of_pods" {
  command = plan

  module {
    source = "../modules/pod_role"
  }

  variables {
    name            = "marketday-prod-controller"
    description     = "The controller"
    namespace       = "marketday"
    service_account = "controller"
  }

  assert {
    condition = { for condition in data.aws_iam_policy_document.assume.statement[0].condition : condition.variable => one(condition.values) } == {
      "aws:SourceAccount"                         = "123456789012"
      "aws:SourceArn"                             = "arn:aws:eks:ap-northeast-2:123456789012:cluster/marketday-prod"
      "aws:RequestTag/kubernetes-namespace"       = "marketday"
      "aws:RequestTag/kubernetes-service-account" = "controller"
    }
    error_message = "pods of another cluster, namespace or service account get the role"
  }

  assert {
    condition     = one(aws_eks_pod_identity_association.this).service_account == "controller"
    error_message = "the service account has no role"
  }
}

run "the_load_balancer_controller" {
  command = plan

  module {
    source = "../modules/load_balancer_controller"
  }

  assert {
    condition     = alltrue([for statement in data.aws_iam_policy_document.change.statement : length(statement.condition) > 0 && !contains(statement.resources, "*")])
    error_message = "it may change things of others"
  }

  assert {
    condition     = length([for action in flatten([for statement in data.aws_iam_policy_document.change.statement : statement.actions]) : action if startswith(action, "ec2:")]) == 0
    error_message = "it may change security groups"
  }
}

run "external_secrets" {
  command = plan

  module {
    source = "../modules/secrets_reader"
  }

  variables {
    secret_arns = ["arn:aws:secretsmanager:ap-northeast-2:123456789012:secret:marketday-prod/database-AbCdEf"]
  }

  assert {
    condition     = toset(flatten([for statement in data.aws_iam_policy_document.read.statement : statement.actions])) == toset(["secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue", "kms:Decrypt"])
    error_message = "it may do more than read"
  }

  assert {
    condition     = data.aws_iam_policy_document.read.statement[0].resources == toset(var.secret_arns)
    error_message = "it may read more than the named secrets"
  }
}
