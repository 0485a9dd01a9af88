# Services and their monitoring: load balancer, containers, scaling, WAF, logs, alarms.

data "aws_iam_policy_document" "services" {
  #checkov:skip=CKV_AWS_111: each writing statement is limited by a name, or its comment gives the reason why not
  #checkov:skip=CKV_AWS_356: at each statement for everything a comment gives the reason
  statement {
    sid = "Look"
    actions = [
      "application-autoscaling:Describe*", "application-autoscaling:ListTagsForResource",
      "cloudwatch:DescribeAlarms", "ecs:Describe*", "ecs:List*", "elasticloadbalancing:Describe*",
      "logs:Describe*", "logs:ListTagsForResource", "wafv2:List*",
    ]
    resources = ["*"] # lists: AWS supports no resource for most of them
  }

  statement {
    sid = "LoadBalancer"
    actions = [
      "elasticloadbalancing:AddListenerCertificates", "elasticloadbalancing:AddTags", "elasticloadbalancing:Create*",
      "elasticloadbalancing:Delete*", "elasticloadbalancing:Modify*", "elasticloadbalancing:RemoveListenerCertificates",
      "elasticloadbalancing:RemoveTags", "elasticloadbalancing:Set*",
    ]
    resources = [for kind in ["loadbalancer/app", "listener/app", "listener-rule/app", "targetgroup"] :
    "${local.here.elasticloadbalancing}:${kind}/${local.own}"]
  }

  statement {
    sid = "Containers"
    actions = [
      "ecs:CreateCluster", "ecs:CreateService", "ecs:DeleteCluster", "ecs:DeleteService", "ecs:PutClusterCapacityProviders",
      "ecs:StopTask", "ecs:TagResource", "ecs:UntagResource", "ecs:UpdateCluster",
      "ecs:UpdateClusterSettings", "ecs:UpdateService",
    ]
    resources = [for kind in ["cluster", "service", "task", "task-definition"] : "${local.here.ecs}:${kind}/${local.own}"]
  }

  statement {
    sid       = "RegisterTaskDefinition"
    actions   = ["ecs:RegisterTaskDefinition"]
    resources = ["*"] # ECS supports no resource for this action; the tag limits it
    condition {
      test     = "StringEquals"
      variable = "aws:RequestTag/marketday:stack"
      values   = ["event"]
    }
  }

  statement {
    sid       = "ForgetTaskDefinition"
    actions   = ["ecs:DeregisterTaskDefinition"]
    resources = ["*"] # ECS supports no resource for this action; it does not affect running tasks
  }

  # A scalable target has a random id, so the rule can only require that it scales a container service.
  statement {
    sid = "Scaling"
    actions = [
      "application-autoscaling:DeleteScalingPolicy", "application-autoscaling:DeleteScheduledAction",
      "application-autoscaling:DeregisterScalableTarget", "application-autoscaling:PutScalingPolicy",
      "application-autoscaling:PutScheduledAction", "application-autoscaling:RegisterScalableTarget",
    ]
    resources = ["${local.here["application-autoscaling"]}:scalable-target/*"]

    condition {
      test     = "StringEquals"
      variable = "application-autoscaling:service-namespace"
      values   = ["ecs"]
    }
  }

  statement {
    sid       = "ScalingTags"
    actions   = ["application-autoscaling:TagResource", "application-autoscaling:UntagResource"]
    resources = ["${local.here["application-autoscaling"]}:scalable-target/*"]

    condition {
      test     = "StringEqualsIfExists"
      variable = "aws:RequestTag/marketday:stack"
      values   = ["event"]
    }
  }

  statement {
    sid = "Firewall"
    actions = [
      "wafv2:AssociateWebACL", "wafv2:CreateIPSet", "wafv2:CreateWebACL", "wafv2:DeleteIPSet",
      "wafv2:DeleteLoggingConfiguration", "wafv2:DeleteWebACL", "wafv2:DisassociateWebACL", "wafv2:Get*",
      "wafv2:PutLoggingConfiguration", "wafv2:TagResource", "wafv2:UntagResource", "wafv2:UpdateIPSet",
      "wafv2:UpdateWebACL",
    ]
    resources = [
      "${local.here.wafv2}:regional/ipset/${local.own}", "${local.here.wafv2}:regional/webacl/${local.own}",
      "${local.here.wafv2}:regional/managedruleset/*", "${local.here.elasticloadbalancing}:loadbalancer/app/${local.own}",
    ]
  }

  statement {
    sid       = "FirewallOnLoadBalancer"
    actions   = ["elasticloadbalancing:SetWebACL"]
    resources = ["*"] # AWS supports no resource for this action; the statement above names them
  }

  statement {
    sid = "Logs"
    actions = [
      "logs:AssociateKmsKey", "logs:CreateLogGroup", "logs:CreateLogStream", "logs:DeleteLogGroup",
      "logs:DeleteLogStream", "logs:DeleteMetricFilter",
      "logs:DeleteRetentionPolicy", "logs:DeleteSubscriptionFilter", "logs:DisassociateKmsKey", "logs:PutMetricFilter",
      "logs:PutRetentionPolicy", "logs:PutSubscriptionFilter",
      "logs:TagResource", "logs:UntagResource",
    ]
    resources = [for place in ["", "/aws/rds/instance/", "/aws/ecs/containerinsights/", "aws-waf-logs-"] :
    "${local.here.logs}:log-group:${place}${local.own}"]
  }

  # Delivering a service's logs (WAF) to a log group; AWS supports no resource for these actions.
  statement {
    sid = "LogDelivery"
    actions = [
      "logs:CreateLogDelivery", "logs:DeleteLogDelivery", "logs:DeleteResourcePolicy", "logs:GetLogDelivery",
      "logs:ListLogDeliveries", "logs:PutResourcePolicy", "logs:UpdateLogDelivery",
    ]
    resources = ["*"] # AWS supports no resource for these actions
  }

  # A scaling policy makes its alarms with AWS's own role, but first checks whether its caller would be allowed to:
  # docs.aws.amazon.com/autoscaling/application/userguide/security_iam_permission_validation.html
  statement {
    sid       = "ScalingAlarms"
    actions   = ["cloudwatch:DeleteAlarms", "cloudwatch:PutMetricAlarm"]
    resources = ["${local.here.cloudwatch}:alarm:TargetTracking-service/${local.own}"]
  }

  statement {
    sid = "Watching"
    actions = [
      "cloudwatch:DeleteAlarms", "cloudwatch:DeleteDashboards", "cloudwatch:GetDashboard",
      "cloudwatch:ListTagsForResource", "cloudwatch:PutDashboard", "cloudwatch:PutMetricAlarm",
      "cloudwatch:TagResource", "cloudwatch:UntagResource",
    ]
    resources = [
      "${local.here.cloudwatch}:alarm:${local.own}",
      "arn:${local.partition}:cloudwatch::${local.account}:dashboard/${local.own}",
    ]
  }
}
