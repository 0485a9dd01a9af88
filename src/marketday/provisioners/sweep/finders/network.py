"""Finders of networks, and of the services at their edge."""

from functools import partial

from marketday.provisioners.sweep import advice
from marketday.provisioners.sweep.finder import HOME, Ask, Finder

_ec2 = partial(Finder, service="ec2", tags="Tags")
_in_vpc = partial(_ec2, inside=("VpcId",))
_peering = ("deleted", "deleting", "rejected", "expired", "failed")  # the peering ended, is ending, or was never made

_VPC = (
    _ec2("VPC", call="DescribeVpcs", items="Vpcs", id="VpcId", type="ec2:vpc/"),
    _in_vpc("subnet", call="DescribeSubnets", items="Subnets", id="SubnetId", type="ec2:subnet/"),
    _in_vpc("route table", call="DescribeRouteTables", items="RouteTables", id="RouteTableId", type="ec2:route-table/"),
    _in_vpc("network ACL", call="DescribeNetworkAcls", items="NetworkAcls", id="NetworkAclId", type="ec2:network-acl/"),
    _ec2(
        "internet gateway",
        call="DescribeInternetGateways",
        items="InternetGateways",
        id="InternetGatewayId",
        type="ec2:internet-gateway/",
        inside=("Attachments.VpcId",),
    ),
    _ec2(
        "egress gateway",
        call="DescribeEgressOnlyInternetGateways",
        items="EgressOnlyInternetGateways",
        id="EgressOnlyInternetGatewayId",
        type="ec2:egress-only-internet-gateway/",
        inside=("Attachments.VpcId",),
    ),
    _in_vpc(
        "NAT gateway",
        call="DescribeNatGateways",
        items="NatGateways",
        id="NatGatewayId",
        type="ec2:natgateway/",
        state="State",
        gone=("deleted",),
    ),
    _ec2("elastic IP", call="DescribeAddresses", items="Addresses", id="AllocationId", type="ec2:elastic-ip/"),
    _in_vpc(
        "security group",
        call="DescribeSecurityGroups",
        items="SecurityGroups",
        id="GroupId",
        type="ec2:security-group/",
        names=("GroupName",),
    ),
    _ec2(
        "security group rule",
        call="DescribeSecurityGroupRules",
        items="SecurityGroupRules",
        id="SecurityGroupRuleId",
        type="ec2:security-group-rule/",
        uses=("ReferencedGroupInfo.GroupId",),
        advice=advice.of_rule,
    ),
    _ec2(
        "network interface",
        call="DescribeNetworkInterfaces",
        items="NetworkInterfaces",
        id="NetworkInterfaceId",
        type="ec2:network-interface/",
        names=("Description",),
        tags="TagSet",
        inside=("VpcId", "Attachment.InstanceId"),
        uses=("Groups.GroupId",),
        state="Status",
        advice=advice.of_interface,
    ),
    _in_vpc(
        "VPC endpoint",
        call="DescribeVpcEndpoints",
        items="VpcEndpoints",
        id="VpcEndpointId",
        type="ec2:vpc-endpoint/",
        state="State",
        gone=("deleted", "Deleted"),
    ),
    _ec2(
        "VPC peering",
        call="DescribeVpcPeeringConnections",
        items="VpcPeeringConnections",
        id="VpcPeeringConnectionId",
        type="ec2:vpc-peering-connection/",
        state="Status.Code",
        gone=_peering,
        inside=("RequesterVpcInfo.VpcId", "AccepterVpcInfo.VpcId"),
    ),
    _ec2(
        "flow log",
        call="DescribeFlowLogs",
        items="FlowLogs",
        id="FlowLogId",
        type="ec2:vpc-flow-log/",
        names=("LogGroupName", "LogDestination"),
        inside=("ResourceId",),
    ),
    _ec2(
        "prefix list",
        call="DescribeManagedPrefixLists",
        items="PrefixLists",
        id="PrefixListId",
        type="ec2:prefix-list/",
        names=("PrefixListName",),
        state="State",
        gone=("delete-complete",),
        theirs=("OwnerId", "AWS"),
    ),
)

_elb = partial(
    Finder, service="elbv2", ask_tags=Ask("DescribeTags", {"ResourceArns[]": "LoadBalancerArn"}, "TagDescriptions.Tags")
)
_load_balancers = _elb(
    "load balancer",
    call="DescribeLoadBalancers",
    items="LoadBalancers",
    id="LoadBalancerName",
    arn="LoadBalancerArn",
    type="elasticloadbalancing:loadbalancer/",
    inside=("VpcId",),
)
_listeners = _elb(
    "listener",
    call="DescribeListeners",
    items="Listeners",
    id="ListenerArn",
    arn="ListenerArn",
    type="elasticloadbalancing:listener/",
    each=(_load_balancers, {"LoadBalancerArn": "LoadBalancerArn"}),
    ask_tags=None,  # its ARN contains the name of its load balancer
)
_EDGE = (
    _load_balancers,
    _listeners,
    _elb(
        "listener rule",
        call="DescribeRules",
        items="Rules",
        id="RuleArn",
        arn="RuleArn",
        type="elasticloadbalancing:listener-rule/",
        each=(_listeners, {"ListenerArn": "ListenerArn"}),
        ask_tags=None,
    ),
    _elb(
        "target group",
        call="DescribeTargetGroups",
        items="TargetGroups",
        id="TargetGroupName",
        arn="TargetGroupArn",
        type="elasticloadbalancing:targetgroup/",
        inside=("VpcId",),
        ask_tags=Ask("DescribeTags", {"ResourceArns[]": "TargetGroupArn"}, "TagDescriptions.Tags"),
    ),
    Finder(
        "certificate",
        "acm",
        "ListCertificates",
        "CertificateSummaryList",
        id="CertificateArn",
        arn="CertificateArn",
        type="acm:certificate/",
        names=("DomainName", "SubjectAlternativeNameSummaries"),
        ask_tags=Ask("ListTagsForCertificate", {"CertificateArn": "CertificateArn"}, "Tags"),
    ),
)

_zones = Finder(
    "hosted zone",
    "route53",
    "ListHostedZones",
    "HostedZones",
    id="Id",
    type="route53:hostedzone/",
    names=("Name",),
    region=HOME,
)
_DNS = (
    _zones,
    Finder(
        "DNS record",
        "route53",
        "ListResourceRecordSets",
        "ResourceRecordSets",
        id="Name",
        names=("AliasTarget.DNSName", "ResourceRecords.Value"),
        each=(_zones, {"HostedZoneId": "Id"}),
        region=HOME,
    ),
    Finder(
        "CloudFront distribution",
        "cloudfront",
        "ListDistributions",
        "DistributionList.Items",
        id="Id",
        arn="ARN",
        type="cloudfront:distribution/",
        names=("Comment", "Aliases.Items"),
        ask_tags=Ask("ListTagsForResource", {"Resource": "ARN"}, "Tags.Items"),
        region=HOME,
    ),
)


def _waf(kind: str, call: str, items: str, type_: str) -> tuple[Finder, Finder]:
    """Return the finders of a kind in a region and, once, at the edge."""
    find = partial(
        Finder,
        service="wafv2",
        call=call,
        items=items,
        id="Name",
        arn="ARN",
        names=("Description",),
        ask_tags=Ask("ListTagsForResource", {"ResourceARN": "ARN"}, "TagInfoForResource.TagList"),
    )
    return (
        find(f"WAF {kind}", type=f"wafv2:regional/{type_}/", arguments={"Scope": "REGIONAL"}),
        find(f"edge WAF {kind}", type=f"wafv2:global/{type_}/", arguments={"Scope": "CLOUDFRONT"}, region=HOME),
    )


_WAF = (
    *_waf("ACL", "ListWebACLs", "WebACLs", "webacl"),
    *_waf("IP set", "ListIPSets", "IPSets", "ipset"),
    *_waf("rule group", "ListRuleGroups", "RuleGroups", "rulegroup"),
    *_waf("pattern set", "ListRegexPatternSets", "RegexPatternSets", "regexpatternset"),
)

NETWORK = (*_VPC, *_EDGE, *_DNS, *_WAF)
