"""Whatever a check accepts can go through the whole day: planned, sized, priced, named, served and scheduled."""

import json
import re
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from marketday.capacity.cost.model import bill, planned
from marketday.capacity.cost.prices import read_prices, usual_table
from marketday.capacity.cost.reference import reference, with_sizes
from marketday.capacity.cost.usage import uses_of
from marketday.capacity.sizing.model import sizes_for, terraform_sizes
from marketday.drops.definition import DropDefinition, parse
from marketday.drops.mistakes import DefinitionErrors
from marketday.environments.facts import drop_facts
from marketday.environments.model import longest_life, next_step, requested
from marketday.environments.postgres.store import Schedule
from marketday.environments.wake_ups import moments, ticking
from marketday.handback.model import Window
from marketday.kit.ids import new_id
from marketday.waitingroom.admission import Limits, Load, StoreSpeed, first_pace, next_pace, next_serving_number

TABLE = read_prices(usual_table())
NAMES = ("build_at", "room_opens_at", "opens_at", "closes_at", "destroy_at")
TEXTS = st.text(st.characters(exclude_categories=("Cc", "Cs")), min_size=1, max_size=40).filter(str.strip)


@st.composite
def definitions(draw):
    """Return the text of a definition; most are accepted, and those that are not do not matter here."""
    opens_at = draw(st.datetimes(datetime(2000, 1, 3), datetime(2099, 10, 1), timezones=st.just(UTC)))  # noqa: DTZ001
    length = draw(
        st.sampled_from([timedelta(milliseconds=1), timedelta(minutes=7), timedelta(hours=5), timedelta(days=31)])
    )
    rates = {
        "admissions_per_second": draw(st.sampled_from([0.01, 1, 33.3, 500, 9_000])),
        "inside": draw(st.sampled_from([1, 120, 1_000_000])),
        "requests_per_second": draw(st.sampled_from([1, 1.5, 20, 100_000])),
    }
    products = [
        {"sku": sku, "stock": stock, "limit_per_person": draw(st.integers(1, stock))}
        for sku, stock in draw(
            st.dictionaries(TEXTS.map(str.strip), st.integers(1, 1_000_000), min_size=1, max_size=3)
        ).items()
    ]
    drop = {
        "slug": draw(st.from_regex(r"[a-z0-9]{3,13}(-[a-z0-9]{1,12}){0,2}", fullmatch=True)),
        "zone": draw(st.sampled_from(["UTC", "America/New_York", "Pacific/Apia", "Asia/Kathmandu", "America/Nuuk"])),
        "regions": ["ap-northeast-2"],
        "hold_seconds": draw(st.sampled_from([5, 3600])),
        "admission_seconds": draw(st.sampled_from([5, 7200])),
    }
    text = ["[drop]", *(f"{key} = {json.dumps(value)}" for key, value in drop.items())]
    text += [f"opens_at = {opens_at.isoformat()}", f"closes_at = {(opens_at + length).isoformat()}"]
    name = ", ".join(f"{lang} = {json.dumps(draw(TEXTS), ensure_ascii=False)}" for lang in ("ko", "en"))
    text += [f"name = {{ {name} }}"]
    for product in products:
        text += [
            "[[drop.products]]",
            *(f"{key} = {json.dumps(each, ensure_ascii=False)}" for key, each in product.items()),
        ]
    text += ["[drop.rate_limits]", *(f"{key} = {value}" for key, value in rates.items())]
    people = draw(st.none() | st.sampled_from([1, 10_000, 10_000_000]))
    return "\n".join([*text, "[drop.forecast]", *([f"people = {people}"] if people else [])])


@given(definitions())
def test_what_is_accepted_goes_through_the_day(text):
    try:
        definition = parse(text)
    except DefinitionErrors:
        return
    assert DropDefinition.from_json(json.loads(json.dumps(definition.to_json()))) == definition
    day = definition.schedule()
    assert Schedule.from_json(day.to_json()) == day
    assert all(first <= second for first, second in pairwise(getattr(day, name) for name in NAMES))
    environment = requested(new_id(), definition, day)
    at = moments(environment)
    assert len(at) < 31 * 24 + 20
    ticks = ticking(environment, day.build_at)
    assert ticks.start < ticks.end
    assert next_step(environment, day.build_at)
    assert longest_life(environment) > day.destroy_at
    _is_sized(definition)
    window = Window(environment.id, definition.slug, "")
    for name in (window.staging, window.link_role, window.stage_role):
        assert re.fullmatch(r"[a-z_][a-z0-9_]*", name)
        assert len(name) <= 63
    facts = drop_facts(definition, day)
    limits = Limits(facts.rates["admissions_per_second"], facts.rates["inside"])
    assert (
        next_serving_number(
            Load(0, 5, 0, 0, 0, 0, 10), limits, next_pace(first_pace(limits), limits, StoreSpeed(), 201.0)
        )
        >= 1
    )


def _is_sized(definition):
    demand, day = definition.demand(), definition.schedule()
    sizes = terraform_sizes(sizes_for(demand))
    hours = {"event": (day.destroy_at - day.build_at).total_seconds() / 3600, "link": 1}
    held = planned(with_sizes(reference(), sizes), hours)
    done = bill(held, TABLE, uses_of(demand, hours["event"], 1), 12)
    assert 0 < done.per_drop < 10**9
