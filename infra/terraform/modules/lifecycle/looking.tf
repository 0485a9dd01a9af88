# What is left of an environment is looked for everywhere, by tag and by name (environments/terraform/sweep): lists and
# descriptions, which AWS gives no resource. Nothing here reads what a customer or the code wrote.

locals {
  looks = {
    acm                       = ["DescribeCertificate", "ListCertificates", "ListTagsForCertificate"]
    "application-autoscaling" = ["DescribeScalableTargets", "ListTagsForResource"]
    athena                    = ["GetNamedQuery", "ListDataCatalogs", "ListNamedQueries", "ListTagsForResource", "ListWorkGroups"]
    autoscaling               = ["DescribeAutoScalingGroups"]
    cloudformation            = ["DescribeStacks"]
    cloudfront                = ["ListDistributions", "ListTagsForResource"]
    cloudwatch                = ["DescribeAlarms", "ListDashboards", "ListTagsForResource"]
    dms                       = ["Describe*", "ListTagsForResource"]
    dynamodb                  = ["ListBackups", "ListTables", "ListTagsOfResource"]
    ec2                       = ["Describe*"]
    ecr                       = ["DescribeImages", "DescribeRepositories", "ListTagsForResource"]
    ecs                       = ["Describe*", "List*"]
    elasticache               = ["Describe*", "ListTagsForResource"]
    elasticloadbalancing      = ["Describe*"]
    events                    = ["ListEventBuses", "ListRules", "ListTagsForResource"]
    firehose                  = ["ListDeliveryStreams", "ListTagsForDeliveryStream"]
    glue                      = ["GetDatabases", "GetTables", "GetTags", "ListCrawlers"]
    iam                       = ["GetInstanceProfile", "List*"]
    kinesis                   = ["ListStreams", "ListTagsForResource", "ListTagsForStream"]
    kms                       = ["DescribeKey", "ListAliases", "ListKeys", "ListResourceTags"]
    lambda                    = ["ListEventSourceMappings", "ListFunctions", "ListLayers", "ListTags"]
    logs                      = ["Describe*", "ListTagsForResource"]
    rds                       = ["Describe*", "ListTagsForResource"]
    route53                   = ["ListHealthChecks", "ListHostedZones", "ListResourceRecordSets", "ListTagsForResource"]
    s3                        = ["GetBucketTagging", "ListAllMyBuckets"]
    scheduler                 = ["ListScheduleGroups", "ListSchedules", "ListTagsForResource"]
    secretsmanager            = ["ListSecrets"]
    servicediscovery          = ["ListNamespaces", "ListServices", "ListTagsForResource"]
    sns                       = ["ListSubscriptions", "ListTagsForResource", "ListTopics"]
    sqs                       = ["ListQueueTags", "ListQueues"]
    ssm                       = ["DescribeInstanceInformation", "DescribeParameters", "GetCommandInvocation", "ListDocuments", "ListTagsForResource"]
    tag                       = ["GetResources"]
    wafv2                     = ["List*"]
  }
}

data "aws_iam_policy_document" "look" {
  #checkov:skip=CKV_AWS_356: lists and descriptions, to which AWS gives no resource
  dynamic "statement" {
    for_each = local.looks

    content {
      actions   = [for action in statement.value : "${statement.key}:${action}"]
      resources = ["*"]
    }
  }
}

resource "aws_iam_role_policy" "look" {
  name   = "look"
  role   = aws_iam_role.this["lifecycle"].name
  policy = data.aws_iam_policy_document.look.json
}
