"""The variables of the stacks `event` and `link` for one environment. Pure."""

from collections.abc import Collection, Mapping
from datetime import datetime
from ipaddress import IPv4Network
from typing import Any
from uuid import UUID

from marketday.capacity.sizing.model import sizes_for, terraform_sizes
from marketday.environments.model import Environment, longest_life
from marketday.kit.moments import to_text_of_seconds
from marketday.provisioners.terraform.errors import InvalidFacts
from marketday.provisioners.terraform.facts import StackFacts

WINDOW_SECONDS = 300  # in which the firewall counts what one address sends
FEWEST_REQUESTS, MOST_WRITES = 100, 5000  # from one address in it: the stack's lowest limit, and its own for writes


def choose_network(environment_id: UUID, facts: StackFacts, taken: Collection[IPv4Network]) -> IPv4Network:
    """Return a network of the pool that overlaps none in `taken` and none of prod's; always the same if it is free.

    Raises:
        InvalidFacts: the pool has none left.

    """
    others = [*taken, *facts.others]
    networks = list(facts.pool.subnets(new_prefix=facts.prefix))
    start = environment_id.int % len(networks)
    for network in [*networks[start:], *networks[:start]]:
        if not any(network.overlaps(other) for other in others):
            return network
    raise InvalidFacts(f"pool {facts.pool}: every network of /{facts.prefix} overlaps another; expected a free one")


def event_variables(environment: Environment, facts: StackFacts, network: IPv4Network, place: int) -> dict[str, Any]:
    """Return the variables of the stack `event`, with its place at the edge. The capacity plan chooses the sizes.

    Raises:
        InvalidFacts: the drop is not for the region of the environments.

    """
    definition = environment.definition
    if facts.region not in definition.regions:
        raise InvalidFacts(
            f"region {facts.region}: drop {definition.slug!r} is for {', '.join(definition.regions)}; "
            f"expected one of them, or {facts.region} among its regions"
        )
    values = {
        "region": facts.region,
        "zones": list(facts.zones),
        "environment_id": str(environment.id),
        "drop": environment.drop_slug,
        "expires_at": to_text_of_seconds(longest_life(environment)),
        "vpc_cidr": str(network),
        "other_cidrs": [str(network) for network in facts.others],
        "hostname": facts.hostname,
        "certificate_arn": facts.certificate_arn,
        "edge_key_value_store_arn": facts.edge_key_value_store_arn,
        "edge_place": place,
        "alarm_topic_arn": facts.alarm_topic_arn,
        "evidence_bucket": facts.evidence_bucket,
        "permissions_boundary_arn": facts.permissions_boundary_arn,
        "images": facts.images.model_dump(),
        "mall": facts.mall.model_dump(),
        "database_ca_pem": facts.database_ca_pem,
        "sizes": terraform_sizes(sizes_for(definition.demand())),
        "rate_limits": _rate_limits(definition.rate_limits.requests_per_second),
        "room_opens_at": to_text_of_seconds(environment.schedule.room_opens_at),
        "closes_at": to_text_of_seconds(environment.schedule.closes_at),
        "provider_max_retries": facts.provider_max_retries,
        "recovery": facts.recovery.model_dump() if facts.recovery else None,
    }
    return {name: value for name, value in values.items() if value is not None}


def link_variables(
    environment: Environment, facts: StackFacts, event: Mapping[str, Any], staging_schema: str, until: datetime
) -> dict[str, Any]:
    """Return the variables of the stack `link`, from the outputs of the stack `event` and prod's facts.

    Raises:
        InvalidFacts: there are no facts about prod.

    """
    if facts.prod is None:
        raise InvalidFacts("prod: missing; expected its network and database, to link the environment's to them")
    database = {name: fact for name, fact in event["database"].items() if name != "secret_arn"}
    cache = {name: event["cache"][name] for name in ("port", "security_group_id")}
    values = {
        "region": facts.region,
        "environment_id": str(environment.id),
        "drop": environment.drop_slug,
        "expires_at": to_text_of_seconds(until),
        "event": {**database, "vpc_id": event["vpc_id"], "vpc_cidr": event["vpc_cidr"], "cache": cache},
        "prod": facts.prod.model_dump(mode="json", exclude_none=True),
        "staging_schema": staging_schema,
        "database_ca_pem": facts.database_ca_pem,
        "permissions_boundary_arn": facts.permissions_boundary_arn,
        "provider_max_retries": facts.provider_max_retries,
    }
    return {name: value for name, value in values.items() if value is not None}


def _rate_limits(requests_per_second: float) -> dict[str, int]:
    """Return how many requests one address may send in a window, and how many of them may be writes."""
    requests = max(FEWEST_REQUESTS, round(requests_per_second * WINDOW_SECONDS))
    return {"requests": requests, "writes": min(requests, MOST_WRITES)}
