resource "aws_ecs_service" "this" {
  name            = local.full_name
  cluster         = var.cluster.arn
  task_definition = aws_ecs_task_definition.this.arn
  desired_count   = var.size.min

  # Applied means that it runs: otherwise an image that cannot start would be noticed by the smoke test, or by shoppers.
  wait_for_steady_state = true

  deployment_minimum_healthy_percent = 100
  deployment_maximum_percent         = 200
  availability_zone_rebalancing      = "ENABLED"
  health_check_grace_period_seconds  = var.balanced == null ? null : 60

  # Tasks and their network interfaces have the drop's tags, so that the sweep can find each of them.
  propagate_tags          = "SERVICE"
  enable_ecs_managed_tags = true

  # The minimum number of tasks always runs on demand: if AWS takes Spot back, the sale continues.
  capacity_provider_strategy {
    capacity_provider = "FARGATE"
    base              = var.size.min
    weight            = 1
  }

  dynamic "capacity_provider_strategy" {
    for_each = var.spot_weight > 0 ? [var.spot_weight] : []

    content {
      capacity_provider = "FARGATE_SPOT"
      base              = 0
      weight            = capacity_provider_strategy.value
    }
  }

  network_configuration {
    subnets          = var.subnet_ids
    security_groups  = [var.security_group_id]
    assign_public_ip = false
  }

  dynamic "load_balancer" {
    for_each = var.balanced == null ? [] : [var.balanced]

    content {
      target_group_arn = load_balancer.value.target_group_arn
      container_name   = var.service
      container_port   = var.port
    }
  }

  deployment_circuit_breaker {
    enable   = true
    rollback = true
  }

  timeouts {
    create = "15m"
    update = "15m"
  }

  tags = { Name = local.full_name }

  lifecycle {
    ignore_changes = [desired_count] # the scaling below decides it
  }

  # While a service is removed, its tasks still need their roles.
  depends_on = [aws_iam_role_policy.execution, aws_iam_role_policy.task]
}

resource "aws_appautoscaling_target" "this" {
  service_namespace  = "ecs"
  scalable_dimension = "ecs:service:DesiredCount"
  resource_id        = "service/${var.cluster.name}/${aws_ecs_service.this.name}"
  min_capacity       = var.size.min
  max_capacity       = var.size.max
}

resource "aws_appautoscaling_policy" "cpu" {
  name               = "${local.full_name}-cpu"
  policy_type        = "TargetTrackingScaling"
  service_namespace  = aws_appautoscaling_target.this.service_namespace
  scalable_dimension = aws_appautoscaling_target.this.scalable_dimension
  resource_id        = aws_appautoscaling_target.this.resource_id

  target_tracking_scaling_policy_configuration {
    target_value       = 60
    scale_out_cooldown = 30
    scale_in_cooldown  = 300

    predefined_metric_specification {
      predefined_metric_type = "ECSServiceAverageCPUUtilization"
    }
  }
}

resource "aws_appautoscaling_policy" "requests" {
  count = var.balanced == null ? 0 : 1

  name               = "${local.full_name}-requests"
  policy_type        = "TargetTrackingScaling"
  service_namespace  = aws_appautoscaling_target.this.service_namespace
  scalable_dimension = aws_appautoscaling_target.this.scalable_dimension
  resource_id        = aws_appautoscaling_target.this.resource_id

  target_tracking_scaling_policy_configuration {
    target_value       = var.balanced.requests_per_target
    scale_out_cooldown = 30
    scale_in_cooldown  = 300

    predefined_metric_specification {
      predefined_metric_type = "ALBRequestCountPerTarget"
      resource_label         = var.balanced.resource_label
    }
  }
}
