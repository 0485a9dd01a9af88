data "aws_region" "this" {}

locals {
  balancer = ["LoadBalancer", var.load_balancer.arn_suffix]

  # Two columns of graphs, in the order to look at when something is slow.
  graphs = [
    {
      title = "Requests a minute", statistic = "Sum"
      metrics = [
        for service, group in var.load_balancer.target_groups :
        concat(["AWS/ApplicationELB", "RequestCount", "TargetGroup", group], local.balancer, [{ label = service }])
      ]
    },
    {
      title = "Seconds for 19 of 20 answers", statistic = "p95"
      metrics = [
        for service, group in var.load_balancer.target_groups :
        concat(["AWS/ApplicationELB", "TargetResponseTime", "TargetGroup", group], local.balancer, [{ label = service }])
      ]
    },
    {
      title = "Refused and failed", statistic = "Sum"
      metrics = [
        concat(["AWS/ApplicationELB", "HTTPCode_Target_4XX_Count"], local.balancer),
        concat(["AWS/ApplicationELB", "HTTPCode_Target_5XX_Count"], local.balancer),
        concat(["AWS/ApplicationELB", "HTTPCode_ELB_5XX_Count"], local.balancer),
        ["AWS/WAFV2", "BlockedRequests", "WebACL", var.load_balancer.web_acl_name, "Region", data.aws_region.this.name, "Rule", "ALL"],
      ]
    },
    {
      title = "Tasks", statistic = "Minimum"
      metrics = [
        for service, facts in var.services :
        ["ECS/ContainerInsights", "RunningTaskCount", "ClusterName", var.cluster_name, "ServiceName", facts.name, { label = service }]
      ]
    },
    {
      title = "CPU of the services, percent", statistic = "Average"
      metrics = [
        for service, facts in var.services :
        ["AWS/ECS", "CPUUtilization", "ClusterName", var.cluster_name, "ServiceName", facts.name, { label = service }]
      ]
    },
    {
      title = "Database", statistic = "Average"
      metrics = [
        ["AWS/RDS", "CPUUtilization", "DBInstanceIdentifier", var.database.identifier],
        ["AWS/RDS", "DatabaseConnections", "DBInstanceIdentifier", var.database.identifier],
        ["AWS/RDS", "CommitLatency", "DBInstanceIdentifier", var.database.identifier, { yAxis = "right" }],
      ]
    },
    {
      title = "Cache: memory and engine CPU, percent", statistic = "Maximum"
      metrics = concat([
        for node in var.cache_node_ids : [
          ["AWS/ElastiCache", "DatabaseMemoryUsagePercentage", "CacheClusterId", node],
          ["AWS/ElastiCache", "EngineCPUUtilization", "CacheClusterId", node],
        ]
      ]...)
    },
    {
      title = "Activity", statistic = "Sum"
      metrics = [
        ["AWS/Kinesis", "IncomingRecords", "StreamName", var.stream_name],
        ["AWS/Firehose", "DeliveryToS3.DataFreshness", "DeliveryStreamName", var.delivery_stream_name, { stat = "Maximum", yAxis = "right" }],
      ]
    },
  ]
}

resource "aws_cloudwatch_dashboard" "this" {
  dashboard_name = var.name

  dashboard_body = jsonencode({
    widgets = concat(
      [{
        type       = "alarm", x = 0, y = 0, width = 24, height = 3
        properties = { title = "Alarms", alarms = [for alarm in aws_cloudwatch_metric_alarm.this : alarm.arn] }
      }],
      [for index, graph in local.graphs : {
        type = "metric", x = 12 * (index % 2), y = 3 + 6 * floor(index / 2), width = 12, height = 6
        properties = {
          title = graph.title, view = "timeSeries", region = data.aws_region.this.name, period = 60
          stat  = graph.statistic, metrics = graph.metrics
        }
      }],
    )
  })
}
