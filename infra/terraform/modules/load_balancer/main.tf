locals {
  services = toset([for route in var.routes : route.service])

  # Only monitoring reads these, nobody outside: the local edge answers the same.
  private_paths = ["/metrics", "/healthz", "/readyz"]
}

resource "aws_lb" "this" {
  #checkov:skip=CKV2_AWS_76: the rule group for it is in firewall.tf; checkov does not find it because of the rate rules there
  #checkov:skip=CKV_AWS_150: an environment is removed by its lifecycle, which checks the receipt first
  name               = var.name
  load_balancer_type = "application"
  internal           = false
  subnets            = var.subnet_ids
  security_groups    = [var.security_group_id]

  drop_invalid_header_fields = true
  desync_mitigation_mode     = "strictest"
  enable_http2               = true
  idle_timeout               = 60 # seconds; the services keep idle connections longer (apps/serving.py)
  enable_deletion_protection = false

  # A load balancer grows within minutes; a drop's crowd comes within seconds. So it is as large as the forecast needs from the start.
  dynamic "minimum_load_balancer_capacity" {
    for_each = var.capacity_units > 0 ? [var.capacity_units] : []

    content {
      capacity_units = minimum_load_balancer_capacity.value
    }
  }

  access_logs {
    bucket  = var.evidence_bucket
    prefix  = "drops/${var.name}/load-balancer"
    enabled = true
  }

  tags = { Name = var.name }
}

resource "aws_lb_target_group" "this" {
  #checkov:skip=CKV_AWS_378: TLS ends at the load balancer; behind it, a security group lets only the load balancer reach the port
  for_each = local.services

  name                          = "${var.name}-${each.key}"
  vpc_id                        = var.vpc_id
  target_type                   = "ip"
  protocol                      = "HTTP"
  port                          = var.target_port
  load_balancing_algorithm_type = "least_outstanding_requests"
  deregistration_delay          = 30

  # Checks only that the process runs, not that it is ready: while the database fails over, a task must not be replaced.
  health_check {
    path                = "/healthz"
    matcher             = "200"
    interval            = 10
    timeout             = 5
    healthy_threshold   = 2
    unhealthy_threshold = 3
  }

  tags = { Name = "${var.name}-${each.key}" }

}

# Behind an edge nobody can reach it: its port is closed there (module security_groups), and CloudFront redirects itself.
resource "aws_lb_listener" "http" {
  count = var.behind_edge ? 0 : 1

  load_balancer_arn = aws_lb.this.arn
  protocol          = "HTTP"
  port              = 80

  default_action {
    type = "redirect"

    redirect {
      protocol    = "HTTPS"
      port        = "443"
      status_code = "HTTP_301"
    }
  }

  tags = { Name = "${var.name}-http" }
}

resource "aws_lb_listener" "https" {
  load_balancer_arn = aws_lb.this.arn
  protocol          = "HTTPS"
  port              = 443
  ssl_policy        = "ELBSecurityPolicy-TLS13-1-2-2021-06"
  certificate_arn   = var.certificate_arn

  default_action {
    type = "fixed-response"

    fixed_response {
      status_code  = "404"
      content_type = "text/plain"
    }
  }

  tags = { Name = "${var.name}-https" }
}

resource "aws_lb_listener_rule" "private" {
  listener_arn = aws_lb_listener.https.arn
  priority     = 1

  action {
    type = "fixed-response"

    fixed_response {
      status_code  = "404"
      content_type = "text/plain"
    }
  }

  condition {
    path_pattern {
      values = local.private_paths
    }
  }

  tags = { Name = "${var.name}-private" }
}

resource "aws_lb_listener_rule" "route" {
  for_each = { for index, route in var.routes : index => route }

  listener_arn = aws_lb_listener.https.arn
  priority     = 10 + tonumber(each.key)

  action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.this[each.value.service].arn
  }

  condition {
    host_header {
      values = [var.hostname]
    }
  }

  condition {
    path_pattern {
      values = each.value.paths
    }
  }

  tags = { Name = "${var.name}-${each.value.service}-${each.key}" }
}
