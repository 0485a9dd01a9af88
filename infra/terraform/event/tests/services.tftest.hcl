# One service in ECS: confined, tagged, in both zones, with its minimum number of tasks on demand.

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

  mock_resource "aws_ecs_task_definition" {
    defaults = { arn = "arn:aws:ecs:ap-northeast-2:123456789012:task-definition/a:1" }
  }
}

mock_provider "aws" {
  alias = "recovery"
}

variables {
  name               = "md-3f9a1c2e"
  service            = "store"
  cluster            = { arn = "arn:aws:ecs:ap-northeast-2:123456789012:cluster/md-3f9a1c2e", name = "md-3f9a1c2e" }
  image              = "123456789012.dkr.ecr.ap-northeast-2.amazonaws.com/marketday/store:1"
  command            = ["marketday.apps.store"]
  environment        = { MARKETDAY_PUBLIC_URL = "https://event.example.com" }
  secrets            = { MARKETDAY_DATABASE_URL = "arn:aws:secretsmanager:ap-northeast-2:123456789012:secret:md-3f9a1c2e/url-AbCdEf" }
  size               = { cpu = 1024, memory = 2048, min = 3, max = 20 }
  spot_weight        = 3
  subnet_ids         = ["subnet-0a", "subnet-0b"]
  security_group_id  = "sg-0a1b2c3d"
  stream             = { arn = "arn:aws:kinesis:ap-northeast-2:123456789012:stream/md-3f9a1c2e-activity", name = "md-3f9a1c2e-activity" }
  key_arn            = "arn:aws:kms:ap-northeast-2:123456789012:key/00000000-0000-4000-8000-000000000000"
  log_retention_days = 30

  balanced = {
    target_group_arn    = "arn:aws:elasticloadbalancing:ap-northeast-2:123456789012:targetgroup/a/0123456789abcdef"
    resource_label      = "app/md-3f9a1c2e/0123456789abcdef/targetgroup/a/0123456789abcdef"
    requests_per_target = 1500
  }

  first = {
    name        = "migrate"
    image       = "123456789012.dkr.ecr.ap-northeast-2.amazonaws.com/marketday/migrate:1"
    command     = ["marketday.apps.migrate", "--phase", "expand"]
    environment = { MARKETDAY_DATABASE_HOST = "db.internal" }
    secrets     = { MARKETDAY_OWNER_SECRET = "arn:aws:secretsmanager:ap-northeast-2:123456789012:secret:rds!db-AbCdEf" }
  }
}

run "store" {
  command = plan

  module {
    source = "../modules/service"
  }

  assert {
    condition     = aws_ecs_service.this.wait_for_steady_state
    error_message = "the stack is applied before its services run"
  }

  assert {
    condition     = [for container in jsondecode(aws_ecs_task_definition.this.container_definitions) : container.name] == ["migrate", "store"]
    error_message = "the store's task has other containers than migrate and store"
  }

  assert {
    condition     = !jsondecode(aws_ecs_task_definition.this.container_definitions)[0].essential && jsondecode(aws_ecs_task_definition.this.container_definitions)[1].dependsOn == [{ condition = "SUCCESS", containerName = "migrate" }]
    error_message = "the store starts before its tables exist"
  }

  assert {
    condition = alltrue([
      for container in jsondecode(aws_ecs_task_definition.this.container_definitions) :
      container.readonlyRootFilesystem && container.user == "10001:10001" && container.linuxParameters.capabilities.drop == ["ALL"]
      && container.logConfiguration.logDriver == "awslogs"
    ])
    error_message = "a container can write, is root, has a capability, or writes no log"
  }

  assert {
    condition     = !strcontains(jsonencode([for container in jsondecode(aws_ecs_task_definition.this.container_definitions) : container.environment]), "://store:")
    error_message = "a password is in a plain environment variable"
  }

  assert {
    condition     = aws_ecs_service.this.propagate_tags == "SERVICE" && aws_ecs_service.this.enable_ecs_managed_tags && aws_ecs_service.this.tags.Name == "md-3f9a1c2e-store"
    error_message = "the tasks do not have the drop's tags: the sweep could not find them"
  }

  assert {
    condition     = aws_ecs_service.this.deployment_circuit_breaker[0].enable && aws_ecs_service.this.deployment_circuit_breaker[0].rollback
    error_message = "a version that does not start is not rolled back"
  }

  assert {
    condition     = toset(aws_ecs_service.this.network_configuration[0].subnets) == toset(["subnet-0a", "subnet-0b"]) && !aws_ecs_service.this.network_configuration[0].assign_public_ip
    error_message = "the service is in only one zone, or has public addresses"
  }

  assert {
    condition     = { for strategy in aws_ecs_service.this.capacity_provider_strategy : strategy.capacity_provider => "${coalesce(strategy.base, 0)}/${strategy.weight}" } == { FARGATE = "3/1", FARGATE_SPOT = "0/3" }
    error_message = "the minimum number of tasks is not on demand, or no task above it is on Spot"
  }

  assert {
    condition     = aws_appautoscaling_policy.requests[0].target_tracking_scaling_policy_configuration[0].target_value == 1500 && length(aws_ecs_service.this.load_balancer) == 1
    error_message = "the store does not scale by its requests"
  }
}

run "worker" {
  command = plan

  module {
    source = "../modules/service"
  }

  variables {
    service     = "worker"
    first       = null
    balanced    = null
    spot_weight = 0
  }

  assert {
    condition     = [for strategy in aws_ecs_service.this.capacity_provider_strategy : strategy.capacity_provider] == ["FARGATE"]
    error_message = "the worker can be on Spot, and AWS can stop it while everybody waits"
  }

  assert {
    condition     = length(aws_ecs_service.this.load_balancer) == 0 && length(aws_appautoscaling_policy.requests) == 0
    error_message = "the worker can be called"
  }

  assert {
    condition     = length(jsondecode(aws_ecs_task_definition.this.container_definitions)) == 1
    error_message = "the worker's task has a second container"
  }
}

run "an_image_from_elsewhere" {
  command = plan

  module {
    source = "../modules/service"
  }

  variables {
    image = "docker.io/library/nginx:latest"
  }

  expect_failures = [var.image]
}
