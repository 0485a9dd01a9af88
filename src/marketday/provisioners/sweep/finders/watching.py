"""Finders of streams, queries, logs, alarms and queues."""

from marketday.provisioners.sweep.finder import Ask, Finder

_workgroups = Finder(
    "Athena workgroup",
    "athena",
    "ListWorkGroups",
    "WorkGroups",
    id="Name",
    type="athena:workgroup/",
    names=("Description",),
)
_glue_databases = Finder(
    "Glue database", "glue", "GetDatabases", "DatabaseList", id="Name", type="glue:database/", names=("LocationUri",)
)
_STREAMS = (
    Finder(
        "stream",
        "kinesis",
        "ListStreams",
        "StreamNames",
        type="kinesis:stream/",
        ask_tags=Ask("ListTagsForStream", {"StreamName": ""}, "Tags"),
    ),
    Finder(
        "delivery stream",
        "firehose",
        "ListDeliveryStreams",
        "DeliveryStreamNames",
        type="firehose:deliverystream/",
        ask_tags=Ask("ListTagsForDeliveryStream", {"DeliveryStreamName": ""}, "Tags"),
    ),
    _glue_databases,
    Finder(
        "Glue table",
        "glue",
        "GetTables",
        "TableList",
        id="Name",
        type="glue:table/",
        names=("DatabaseName",),
        each=(_glue_databases, {"DatabaseName": "Name"}),
    ),
    _workgroups,
    Finder(
        "Athena query",
        "athena",
        "ListNamedQueries",
        "NamedQueryIds",
        id="NamedQueryId",
        names=("Name", "WorkGroup", "Database"),
        each=(_workgroups, {"WorkGroup": "Name"}),
        describe=Ask("GetNamedQuery", {"NamedQueryId": ""}, "NamedQuery"),
    ),
)


def _delivery(kind: str, call: str, items: str, name: str, type_: str, names: tuple[str, ...] = ()) -> Finder:
    return Finder(kind, "logs", call, items, id=name, arn="arn", type=type_, names=names, tags="tags")


_TOLD = (
    Finder(
        "log group",
        "logs",
        "DescribeLogGroups",
        "logGroups",
        id="logGroupName",
        arn="logGroupArn",
        type="logs:log-group:",
        ask_tags=Ask("ListTagsForResource", {"resourceArn": "logGroupArn"}, "tags"),
    ),
    _delivery(
        "log delivery",
        "DescribeDeliveries",
        "deliveries",
        "id",
        "logs:delivery:",
        names=("deliverySourceName", "deliveryDestinationArn"),
    ),
    _delivery("log source", "DescribeDeliverySources", "deliverySources", "name", "logs:delivery-source:"),
    _delivery(
        "log destination", "DescribeDeliveryDestinations", "deliveryDestinations", "name", "logs:delivery-destination:"
    ),
    Finder("log resource policy", "logs", "DescribeResourcePolicies", "resourcePolicies", id="policyName"),
    Finder(
        "alarm",
        "cloudwatch",
        "DescribeAlarms",
        "MetricAlarms",
        id="AlarmName",
        arn="AlarmArn",
        type="cloudwatch:alarm:",
        ask_tags=Ask("ListTagsForResource", {"ResourceARN": "AlarmArn"}, "Tags"),
    ),
    Finder(
        "composite alarm",
        "cloudwatch",
        "DescribeAlarms",
        "CompositeAlarms",
        id="AlarmName",
        arn="AlarmArn",
        type="cloudwatch:alarm:",
        ask_tags=Ask("ListTagsForResource", {"ResourceARN": "AlarmArn"}, "Tags"),
        arguments={"AlarmTypes": ["CompositeAlarm"]},
    ),
    Finder(
        "dashboard",
        "cloudwatch",
        "ListDashboards",
        "DashboardEntries",
        id="DashboardName",
        arn="DashboardArn",
        type="cloudwatch:dashboard/",
    ),
    Finder(
        "topic",
        "sns",
        "ListTopics",
        "Topics",
        id="TopicArn",
        arn="TopicArn",
        type="sns:",
        ask_tags=Ask("ListTagsForResource", {"ResourceArn": "TopicArn"}, "Tags"),
    ),
    Finder("subscription", "sns", "ListSubscriptions", "Subscriptions", id="SubscriptionArn", names=("Endpoint",)),
    Finder(
        "queue",
        "sqs",
        "ListQueues",
        "QueueUrls",
        type="sqs:",
        ask_tags=Ask("ListQueueTags", {"QueueUrl": ""}, "Tags"),
        arguments={"MaxResults": 1000},
    ),
)

WATCHING = (*_STREAMS, *_TOLD)
