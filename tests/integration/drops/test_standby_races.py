"""Units that come back: one action after the other against a plain model, and everybody at once."""

import asyncio
import random
from dataclasses import dataclass, field
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from marketday.drops.model import PaymentRequest
from marketday.drops.postgres.standbys import PostgresStandbys
from marketday.drops.postgres.store import PostgresDropStore
from marketday.drops.standbys import Standbys
from marketday.kit.database import connect
from marketday.kit.errors import MarketdayError
from marketday.kit.ids import new_id
from marketday.testing.drops import SKU, SLUG, Shop, request

STOCK, LIMIT, PEOPLE = 3, 2, 6


@dataclass
class Line:
    """One person's place in line in the model; a person's number is the position."""

    quantity: int
    offers: int = 0
    waiting: bool = True


@dataclass
class Model:
    """The rules in plain words: units go to those who had fewer offers first, then to the lowest position."""

    held: dict[int, int] = field(default_factory=dict)
    bought: dict[int, int] = field(default_factory=dict)
    lines: dict[int, Line] = field(default_factory=dict)
    offers: set[int] = field(default_factory=set)  # who holds a unit that was offered

    def taken(self, person: int) -> int:
        return self.held.get(person, 0) + self.bought.get(person, 0)

    def free(self) -> int:
        return STOCK - sum(self.held.values()) - sum(self.bought.values())

    def reserve(self, person: int, quantity: int) -> None:
        if self.taken(person) + quantity <= LIMIT and quantity <= self.free():
            self.held[person] = self.held.get(person, 0) + quantity

    def stand_by(self, person: int, quantity: int) -> None:
        line = self.lines.get(person)
        if person in self.offers or self.taken(person) + quantity > LIMIT or sum(self.bought.values()) >= STOCK:
            return
        self.lines[person] = Line(quantity, line.offers if line else 0)
        self.serve()

    def leave(self, person: int) -> None:
        if person in self.lines:
            self.lines[person].waiting = False

    def release(self, person: int) -> None:
        self.held.pop(person, None)
        self.offers.discard(person)
        self.serve()

    def buy(self, person: int) -> None:
        self.bought[person] = self.bought.get(person, 0) + self.held.pop(person, 0)
        self.offers.discard(person)

    def expire(self) -> None:
        self.held.clear()
        self.offers.clear()
        self.serve()

    def serve(self) -> None:
        for person, line in sorted(self.lines.items(), key=lambda each: (each[1].offers, each[0])):
            units = min(line.quantity, LIMIT - self.taken(person), self.free())
            if line.waiting and units > 0:
                self.held[person] = self.held.get(person, 0) + units
                line.waiting, line.offers = False, line.offers + 1
                self.offers.add(person)


class Played:
    """The same on the database."""

    def __init__(self, shop: Shop, store: PostgresDropStore, slug: str) -> None:
        self.shop = shop
        self.store = store
        self.standbys = Standbys(PostgresStandbys(store._database._pool))
        self.slug = slug
        self.people = [new_id() for _ in range(PEOPLE)]

    async def reserve(self, person: int, quantity: int) -> None:
        await self.store.reserve([request(self.people[person], quantity=quantity, slug=self.slug)])

    async def stand_by(self, person: int, quantity: int) -> None:
        try:
            await self.standbys.stand_by(self.slug, self.people[person], person, SKU, quantity)
        except MarketdayError:
            return

    async def leave(self, person: int) -> None:
        for mine in await self.standbys.look(self.slug, self.people[person]):
            await self.standbys.leave(mine.id, self.people[person])

    async def release(self, person: int) -> None:
        for held in await self.store.reservations_of(self.slug, self.people[person]):
            await self.store.release(held.id, held.person_id)

    async def buy(self, person: int) -> None:
        for held in await self.store.reservations_of(self.slug, self.people[person]):
            (begun,) = await self.store.begin_payments(
                [PaymentRequest(new_id(), held.id, held.person_id, str(new_id()), b"")]
            )
            assert begun.payment is not None
            await self.store.confirm_payments([begun.payment.payment.id])

    async def expire(self) -> None:
        await self.shop.owner.execute(
            "UPDATE reservations SET reserved_until = reserved_until - interval '1 hour' WHERE state = 'held'"
        )
        await self.store.expire_due()

    async def holdings(self) -> dict[int, int]:
        rows = await self.shop.owner.fetch(
            "SELECT person_id, sum(quantity) AS units FROM reservations WHERE drop_slug = $1 AND state = 'held'"
            " GROUP BY person_id",
            self.slug,
        )
        return {self.people.index(row["person_id"]): row["units"] for row in rows}

    async def waiting(self) -> set[int]:
        rows = await self.shop.owner.fetch("SELECT position FROM standbys WHERE drop_slug = $1 AND waiting", self.slug)
        return {row["position"] for row in rows}


PERSON, QUANTITY = st.integers(0, PEOPLE - 1), st.integers(1, LIMIT)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.sampled_from(["reserve", "stand_by"]), PERSON, QUANTITY),
        st.tuples(st.sampled_from(["leave", "release", "buy"]), PERSON),
        st.just(("expire",)),
    ),
    max_size=20,
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
async def test_units_go_where_the_plain_rules_say(shop: Shop, store: PostgresDropStore, steps: list[tuple[str, ...]]):
    slug = f"drop-{new_id().hex[-12:]}"
    await shop.drop(slug)
    await shop.item(stock=STOCK, limit=LIMIT, slug=slug)
    model, played = Model(), Played(shop, store, slug)
    for name, *values in steps:
        getattr(model, name)(*values)
        await getattr(played, name)(*values)
        assert await played.holdings() == {who: units for who, units in model.held.items() if units}
        assert await played.waiting() == {who for who, line in model.lines.items() if line.waiting}
        assert await shop.broken_sums() == []


async def act(store: PostgresDropStore, standbys: Standbys, me: UUID, number: int, chance: random.Random) -> None:
    """Do one thing: reserve, get in line, or do something with what was found when looking."""
    sku, action = chance.choice("AB"), chance.random()
    if action < 0.3:
        await store.reserve([request(me, quantity=chance.randint(1, 2), sku=sku)])
    elif action < 0.6:
        await standbys.stand_by(SLUG, me, number, sku, chance.randint(1, 2))
    elif action < 0.8:
        for held in await store.reservations_of(SLUG, me):
            await store.release(held.id, me)
    else:
        for mine in await standbys.look(SLUG, me):
            if chance.random() < 0.3:
                await standbys.leave(mine.id, me)


async def somebody(store: PostgresDropStore, standbys: Standbys, number: int) -> None:
    chance, me = random.Random(number), new_id()
    for _ in range(10):
        try:
            await act(store, standbys, me, number, chance)
        except MarketdayError:
            continue


async def test_whatever_everybody_does_at_once_no_unit_is_sold_twice_or_idle(
    shop: Shop, store: PostgresDropStore, worker_store: PostgresDropStore
):
    await shop.drop()
    for sku in "AB":
        await shop.item(sku, stock=4, limit=3)
    standbys = Standbys(PostgresStandbys(store._database._pool))
    statement = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"
    before, broken = await shop.value(statement), list[str]()
    crowd = asyncio.gather(*(somebody(store, standbys, number) for number in range(30)))
    while not crowd.done():
        await worker_store.expire_due(most=3)
        await shop.age(60)
        broken += await shop.broken_sums()
    await crowd
    assert broken + await shop.broken_sums() == []
    assert await shop.value(statement) == before
    assert await shop.value("SELECT count(*) FROM standbys WHERE offers > 0") > 5


@pytest.mark.parametrize("seed", range(4))
async def test_a_day_with_demand_left_ends_with_every_unit_sold(shop: Shop, store: PostgresDropStore, seed: int):
    """Half of the people never pay; the drop closes while most units are held, and people still wait at the end."""
    await shop.drop()
    await shop.item(stock=12, limit=2)
    chance, standbys = random.Random(seed), Standbys(PostgresStandbys(store._database._pool))
    people = {new_id(): position for position in range(150)}
    for person, position in people.items():
        (answer,) = await store.reserve([request(person, quantity=chance.randint(1, 2))])
        if answer.outcome == "all_reserved":
            await standbys.stand_by(SLUG, person, position, SKU, 1)
    rounds = 0
    while (stock := await shop.stock())[1]:
        rows = await shop.owner.fetch("SELECT id, person_id FROM reservations WHERE state = 'held' ORDER BY id")
        for row in rows:
            if chance.random() < 0.5:
                (begun,) = await store.begin_payments(
                    [PaymentRequest(new_id(), row["id"], row["person_id"], str(new_id()), b"")]
                )
                assert begun.payment is not None
                assert (await store.confirm_payments([begun.payment.payment.id]))[0].order
        if rounds == 0:
            await shop.owner.execute("UPDATE drops SET closes_at = clock_timestamp()")
        await shop.age()
        await store.expire_due()
        assert await shop.broken_sums() == []
        rounds += 1
    assert stock == (12, 0, 12)
    assert rounds > 1
    assert await shop.value("SELECT count(*) FROM standbys WHERE waiting") > 0


async def test_two_workers_that_expire_the_same_reservation_make_one_offer(
    shop: Shop, store: PostgresDropStore, drop_database_url: str
):
    await shop.drop()
    await shop.item(stock=1)
    await store.reserve([request()])
    standbys = Standbys(PostgresStandbys(store._database._pool))
    for position in (2, 1):
        await standbys.stand_by(SLUG, new_id(), position, SKU, 1)
    await shop.age()
    workers = [PostgresDropStore(await connect(drop_database_url)) for _ in range(4)]
    try:
        expired = await asyncio.gather(*(worker.expire_due() for worker in workers))
    finally:
        for worker in workers:
            await worker._database._pool.close()
    assert sum(expired) == 1
    assert await shop.value("SELECT array_agg(position) FROM standbys WHERE NOT waiting") == [1]
    assert await shop.stock() == (1, 1, 0)


async def test_without_the_trigger_a_robot_takes_the_unit_before_those_who_wait(shop: Shop, store: PostgresDropStore):
    """The race that the trigger prevents: a unit that is free for a moment belongs to the fastest."""
    await shop.drop()
    await shop.item(stock=1)
    (answer,) = await store.reserve([request()])
    assert answer.reservation is not None
    await Standbys(PostgresStandbys(store._database._pool)).stand_by(SLUG, new_id(), 0, SKU, 1)
    await shop.owner.execute("ALTER TABLE stock DISABLE TRIGGER units_came_back")
    await store.release(answer.reservation.id, answer.reservation.person_id)
    assert await shop.broken_sums() == ["a unit is free while somebody waits for it"]
    (robot,) = await store.reserve([request()])
    assert robot.outcome == "reserved"


@pytest.mark.parametrize("quantity", [0, -1])
async def test_the_database_refuses_a_quantity_that_code_should_never_ask(
    shop: Shop, store: PostgresDropStore, quantity: int
):
    await shop.drop()
    await shop.item()
    with pytest.raises(MarketdayError, match="CheckViolation"):
        await store._database.fetch(
            "SELECT * FROM stand_by($1, $2, $3, $4, $5, 0)", new_id(), SLUG, SKU, new_id(), quantity
        )
