locals {
  # For each alarm: the metric, the threshold, and what missing data means. Periods are minutes.
  balancer_alarms = {
    "5xx" = {
      description = "The load balancer itself answers 5xx: there is no healthy task, or no task answers in time"
      namespace   = "AWS/ApplicationELB", metric = "HTTPCode_ELB_5XX_Count", statistic = "Sum"
      dimensions  = { LoadBalancer = var.load_balancer.arn_suffix }
      above       = 20, minutes = 2, silence = "notBreaching"
    }
  }

  target_alarms = merge([
    for service, group in var.load_balancer.target_groups : {
      "${service}-5xx" = {
        description = "The ${service} answers 5xx"
        namespace   = "AWS/ApplicationELB", metric = "HTTPCode_Target_5XX_Count", statistic = "Sum"
        dimensions  = { LoadBalancer = var.load_balancer.arn_suffix, TargetGroup = group }
        above       = 20, minutes = 2, silence = "notBreaching"
      }
      "${service}-unhealthy" = {
        description = "A task of the ${service} fails its health check"
        namespace   = "AWS/ApplicationELB", metric = "UnHealthyHostCount", statistic = "Maximum"
        dimensions  = { LoadBalancer = var.load_balancer.arn_suffix, TargetGroup = group }
        above       = 0, minutes = 3, silence = "notBreaching"
      }
      "${service}-latency" = {
        description = "One in twenty waits longer than a second for the ${service}"
        namespace   = "AWS/ApplicationELB", metric = "TargetResponseTime", statistic = "p95"
        dimensions  = { LoadBalancer = var.load_balancer.arn_suffix, TargetGroup = group }
        above       = 1, minutes = 3, silence = "notBreaching"
      }
    }
  ]...)

  task_alarms = {
    for service, facts in var.services : "${service}-tasks" => {
      description = "Fewer tasks of the ${service} run than the minimum, ${facts.min}"
      namespace   = "ECS/ContainerInsights", metric = "RunningTaskCount", statistic = "Minimum"
      dimensions  = { ClusterName = var.cluster_name, ServiceName = facts.name }
      below       = facts.min, minutes = 3, silence = "breaching"
    }
  }

  database_alarms = {
    for alarm, facts in {
      cpu = {
        description = "The database is busy"
        metric      = "CPUUtilization", statistic = "Average", above = 80, minutes = 5
      }
      connections = {
        description = "The database has nearly as many connections as the services can open"
        metric      = "DatabaseConnections", statistic = "Maximum", above = floor(var.database.connections * 0.9), minutes = 3
      }
      storage = {
        description = "Less than a fifth of the database's storage is free"
        metric      = "FreeStorageSpace", statistic = "Minimum", below = var.database.storage_gb * 1024 * 1024 * 1024 / 5, minutes = 5
      }
      replication-lag = {
        description = "The hand-back is more than 1 GiB behind the database"
        metric      = "OldestReplicationSlotLag", statistic = "Maximum", above = 1024 * 1024 * 1024, minutes = 5
      }
    } :
    "database-${alarm}" => merge(facts, {
      namespace  = "AWS/RDS"
      dimensions = { DBInstanceIdentifier = var.database.identifier }
      silence    = alarm == "replication-lag" ? "notBreaching" : "missing" # without a link there is no replication slot
    })
  }

  cache_alarms = merge([
    for node in var.cache_node_ids : {
      for alarm, facts in {
        memory          = { description = "memory is nearly full: soon nobody can join", metric = "DatabaseMemoryUsagePercentage", above = 75 }
        cpu             = { description = "engine is busy", metric = "EngineCPUUtilization", above = 80 }
        evictions       = { description = "evicts, and so forgets people who wait", metric = "Evictions", above = 0 }
        replication-lag = { description = "is seconds behind its primary", metric = "ReplicationLag", above = 5 }
      } :
      "cache-${trimprefix(node, "${var.name}-")}-${alarm}" => {
        description = "${node}: ${facts.description}"
        namespace   = "AWS/ElastiCache", metric = facts.metric, statistic = "Maximum"
        dimensions  = { CacheClusterId = node }
        above       = facts.above, minutes = 3
        silence     = alarm == "replication-lag" ? "notBreaching" : "missing" # a primary has no such metric
      }
    }
  ]...)

  stream_alarms = {
    archive-freshness = {
      description = "The oldest activity that is not in the archive is older than five minutes"
      namespace   = "AWS/Firehose", metric = "DeliveryToS3.DataFreshness", statistic = "Maximum"
      dimensions  = { DeliveryStreamName = var.delivery_stream_name }
      above       = 300, minutes = 5, silence = "notBreaching"
    }
    stream-throttled = {
      description = "The activity stream has too few shards"
      namespace   = "AWS/Kinesis", metric = "WriteProvisionedThroughputExceeded", statistic = "Sum"
      dimensions  = { StreamName = var.stream_name }
      above       = 0, minutes = 3, silence = "notBreaching"
    }
  }

  alarms = merge(local.balancer_alarms, local.target_alarms, local.task_alarms, local.database_alarms, local.cache_alarms, local.stream_alarms)
}

resource "aws_cloudwatch_metric_alarm" "this" {
  for_each = local.alarms

  alarm_name          = "${var.name}-${each.key}"
  alarm_description   = each.value.description
  namespace           = each.value.namespace
  metric_name         = each.value.metric
  dimensions          = each.value.dimensions
  statistic           = startswith(each.value.statistic, "p") ? null : each.value.statistic
  extended_statistic  = startswith(each.value.statistic, "p") ? each.value.statistic : null
  comparison_operator = try(each.value.below, null) == null ? "GreaterThanThreshold" : "LessThanThreshold"
  threshold           = try(each.value.below, null) == null ? each.value.above : each.value.below
  period              = 60
  evaluation_periods  = each.value.minutes
  treat_missing_data  = each.value.silence
  alarm_actions       = [var.alarm_topic_arn]
  ok_actions          = [var.alarm_topic_arn]

  tags = { Name = "${var.name}-${each.key}" }
}
