# What the build host's role may do, and what no role of an environment can be made to do.

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

  mock_data "aws_iam_policy_document" {
    defaults = { json = "{}" }
  }

  mock_resource "aws_iam_policy" {
    defaults = { arn = "arn:aws:iam::210987654321:policy/marketday-boundary" }
  }
}

variables {
  name                = "marketday"
  state_bucket_arn    = "arn:aws:s3:::marketday-state"
  kms_key_arn         = "arn:aws:kms:ap-northeast-2:210987654321:key/7ad2d2b1-0000-4000-8000-000000000000"
  host_secret_arns    = ["arn:aws:secretsmanager:ap-northeast-2:210987654321:secret:marketday/build-host/host-key-a"]
  key_value_store_arn = "arn:aws:cloudfront::210987654321:key-value-store/7ad2d2b1-0000-4000-8000-000000000000"
  certificate_arn     = "arn:aws:acm:ap-northeast-2:210987654321:certificate/7ad2d2b1-0000-4000-8000-000000000000"
  evidence_bucket_arn = "arn:aws:s3:::marketday-logs"
  repository_arns     = ["arn:aws:ecr:ap-northeast-2:210987654321:repository/marketday/gate"]
}

run "builder" {
  module {
    source = "../modules/builder"
  }

  assert {
    condition = length(setintersection(
      toset(flatten([for each in flatten([for document in values(data.aws_iam_policy_document.identity) : document.statement]) : each.actions])),
      [
        "iam:AttachRolePolicy", "iam:CreatePolicyVersion", "iam:DeleteRolePermissionsBoundary",
        "iam:PutRolePermissionsBoundary", "iam:UpdateAssumeRolePolicy",
      ],
    )) == 0
    error_message = "The builder can remove a role's boundary, or change who may assume a role."
  }

  assert {
    condition = alltrue([
      for each in flatten([for document in values(data.aws_iam_policy_document.identity) : document.statement]) :
      anytrue([for test in each.condition : test.variable == "iam:PermissionsBoundary"])
      if length(setintersection(each.actions, ["iam:CreateRole", "iam:DeleteRolePolicy", "iam:PutRolePolicy"])) > 0
    ])
    error_message = "A role can be made, or changed, without the boundary."
  }

  assert {
    condition = alltrue([
      for each in flatten([for document in values(data.aws_iam_policy_document.identity) : document.statement]) :
      alltrue([for resource in each.resources : strcontains(resource, ":role/md-????????")])
    ])
    error_message = "Roles that belong to no environment can be changed."
  }

  assert {
    condition = alltrue([
      for each in data.aws_iam_policy_document.copy.statement :
      anytrue([for test in each.condition : test.variable == "aws:ResourceTag/marketday:stack"])
      if contains(each.actions, "dms:AddTagsToResource")
    ])
    error_message = "The builder can get another stack's replication by adding our tag."
  }

  assert {
    condition = toset(flatten([
      for each in data.aws_iam_policy_document.keys.statement : [for test in each.condition : test.values]
      if each.effect == "Deny" && each.sid != "NotOthersPasswords"
    ])) == toset(["permanent", "prod", "marketday:for"])
    error_message = "The builder can get the mall's keys by adding our tag, or give the mall's secrets to an event."
  }

  assert {
    condition     = alltrue([for each in data.aws_iam_policy_document.services.statement : alltrue([for resource in each.resources : !strcontains(resource, ":*md-")])])
    error_message = "Log groups are recognised by a part of their name that other groups may have."
  }
}

run "boundary" {
  module {
    source = "../modules/builder"
  }

  assert {
    condition = alltrue([
      for each in data.aws_iam_policy_document.boundary.statement :
      one(each.condition).variable == "secretsmanager:ResourceTag/aws:rds:primaryDBInstanceArn"
      if anytrue([for resource in each.resources : strcontains(resource, ":secret:rds!")])
    ])
    error_message = "A role of an environment can read the secret of the mall's database owner."
  }

  assert {
    condition = alltrue([
      for each in data.aws_iam_policy_document.boundary.statement :
      toset(each.actions) == toset(["kms:Decrypt"]) && anytrue([for test in each.condition : test.variable == "kms:ViaService"])
      if anytrue([for test in each.condition : contains(test.values, "prod")])
    ])
    error_message = "The mall's key is only for secrets."
  }

  assert {
    condition     = one([for each in data.aws_iam_policy_document.boundary.statement : each.resources if each.sid == "Logs"]) == toset(["arn:aws:logs:ap-northeast-2:210987654321:log-group:md-????????/*"])
    error_message = "A role of an environment writes into other logs than the environment's."
  }
}
