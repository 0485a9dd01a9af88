# The sweep (provisioners/sweep) looks for leftovers of an environment everywhere, by tag and by name: with lists and
# descriptions, for which AWS supports no resource. Nothing here reads data of customers or of the code. These rights are
# exactly the calls of the sweep (a unit test compares them). For services with many calls they are Describe* and List*,
# because all policies of a role together may have only 10,240 characters.

locals {
  looks = {
    acm                       = ["ListCertificates", "ListTagsForCertificate"]
    "application-autoscaling" = ["DescribeScalableTargets"]
    athena                    = ["GetNamedQuery", "ListNamedQueries", "ListWorkGroups"]
    autoscaling               = ["DescribeAutoScalingGroups"]
    cloudformation            = ["DescribeStacks"]
    cloudfront                = ["ListDistributions", "ListTagsForResource"]
    cloudwatch                = ["DescribeAlarms", "ListDashboards", "ListTagsForResource"]
    dms                       = ["Describe*", "ListTagsForResource"]
    dynamodb                  = ["ListBackups", "ListTables"]
    ec2                       = ["Describe*"]
    ecr                       = ["DescribeImages", "DescribeRepositories", "ListTagsForResource"]
    ecs                       = ["DescribeClusters", "DescribeServices", "List*"]
    elasticache               = ["Describe*", "ListTagsForResource"]
    elasticloadbalancing      = ["Describe*"]
    events                    = ["ListEventBuses", "ListRules", "ListTagsForResource"]
    firehose                  = ["ListDeliveryStreams", "ListTagsForDeliveryStream"]
    glue                      = ["GetDatabases", "GetTables"]
    iam                       = ["GetInstanceProfile", "List*"]
    kinesis                   = ["ListStreams", "ListTagsForStream"]
    kms                       = ["DescribeKey", "ListAliases", "ListKeys", "ListResourceTags"]
    lambda                    = ["ListFunctions", "ListTags"]
    logs                      = ["Describe*", "ListTagsForResource"]
    rds                       = ["Describe*", "ListTagsForResource"]
    route53                   = ["ListHostedZones", "ListResourceRecordSets"]
    s3                        = ["GetBucketTagging", "ListAllMyBuckets"]
    scheduler                 = ["ListScheduleGroups", "ListSchedules", "ListTagsForResource"]
    secretsmanager            = ["ListSecrets"]
    sns                       = ["ListSubscriptions", "ListTagsForResource", "ListTopics"]
    sqs                       = ["ListQueueTags", "ListQueues"]
    ssm                       = ["DescribeParameters", "GetCommandInvocation", "ListTagsForResource"]
    tag                       = ["GetResources"]
    wafv2                     = ["List*"]
  }
}

data "aws_iam_policy_document" "look" {
  #checkov:skip=CKV_AWS_356: lists and descriptions, for which AWS supports no resource
  dynamic "statement" {
    for_each = local.looks

    content {
      actions   = [for action in statement.value : "${statement.key}:${action}"]
      resources = ["*"] # lists and descriptions: AWS supports no resource for them
    }
  }
}

resource "aws_iam_role_policy" "look" {
  name   = "look"
  role   = aws_iam_role.this["lifecycle"].name
  policy = data.aws_iam_policy_document.look.json
}
