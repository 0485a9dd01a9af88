locals {
  full_name = "${var.name}-${var.service}"

  # An attacker in a container has no root, no capability, and can write only to /dev/shm. The user is the images' own
  # (images/Containerfile).
  confined = {
    user                   = "10001:10001"
    readonlyRootFilesystem = true
    linuxParameters        = { initProcessEnabled = true, capabilities = { drop = ["ALL"] } }
  }

  first_containers = var.first == null ? [] : [merge(local.confined, {
    name             = var.first.name
    image            = var.first.image
    command          = var.first.command
    essential        = false
    environment      = [for name in sort(keys(var.first.environment)) : { name = name, value = var.first.environment[name] }]
    secrets          = [for name in sort(keys(var.first.secrets)) : { name = name, valueFrom = var.first.secrets[name] }]
    logConfiguration = merge(local.log, { options = merge(local.log.options, { "awslogs-stream-prefix" = var.first.name }) })
  })]

  container = merge(local.confined, {
    name             = var.service
    image            = var.image
    command          = var.command
    essential        = true
    environment      = [for name in sort(keys(local.environment)) : { name = name, value = local.environment[name] }]
    secrets          = [for name in sort(keys(var.secrets)) : { name = name, valueFrom = var.secrets[name] }]
    logConfiguration = local.log
    dependsOn        = [for container in local.first_containers : { containerName = container.name, condition = "SUCCESS" }]
    portMappings     = [{ name = var.service, containerPort = var.port, hostPort = var.port, protocol = "tcp" }]
    stopTimeout      = 30
    ulimits          = [{ name = "nofile", softLimit = 65536, hardLimit = 65536 }]

    # Checks only that the process runs, not that it is ready: a task must not be killed because the database fails over.
    healthCheck = {
      command     = ["CMD", "python3", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:${var.port}/healthz', timeout=3)"]
      interval    = 10
      timeout     = 5
      retries     = 3
      startPeriod = 30
    }
  })

  environment = merge(var.environment, {
    MARKETDAY_HOST            = "0.0.0.0"
    MARKETDAY_PORT            = tostring(var.port)
    MARKETDAY_ACTIVITY_STREAM = var.stream.name
  })

  log = {
    logDriver = "awslogs"
    options = {
      "awslogs-group"         = aws_cloudwatch_log_group.this.name
      "awslogs-region"        = data.aws_region.this.name
      "awslogs-stream-prefix" = var.service
      "mode"                  = "non-blocking" # a log that hangs must not stop the sale
      "max-buffer-size"       = "8m"
    }
  }
}

resource "aws_cloudwatch_log_group" "this" {
  #checkov:skip=CKV_AWS_338: the log is of one drop; the variable log_retention_days sets how long it is kept
  name              = "${var.name}/${var.service}"
  retention_in_days = var.log_retention_days
  kms_key_id        = var.key_arn

  tags = { Name = "${var.name}/${var.service}" }
}

resource "aws_ecs_task_definition" "this" {
  family                   = local.full_name
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  cpu                      = var.size.cpu
  memory                   = var.size.memory
  execution_role_arn       = aws_iam_role.execution.arn
  task_role_arn            = aws_iam_role.task.arn
  container_definitions    = jsonencode(concat(local.first_containers, [local.container]))

  runtime_platform {
    operating_system_family = "LINUX"
    cpu_architecture        = "X86_64"
  }

  tags = { Name = local.full_name }
}
