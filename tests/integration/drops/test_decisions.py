"""The decision about a batch, compared with that of a clerk who serves one person after the other."""

from dataclasses import dataclass, field
from uuid import UUID

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from marketday.drops.postgres.store import PostgresDropStore
from marketday.drops.requests import ReservationAnswer, ReservationRequest
from marketday.kit.ids import new_id
from marketday.testing.drops import Shop, request

STOCK, LIMIT = 6, 4
PHASES = {"open": (-60, 3600), "not_open": (60, 3600), "drop_closed": (-120, -60)}


@dataclass
class Clerk:
    """Serves one person after the other, and remembers what was promised."""

    left: dict[tuple[str, str], int]
    phases: dict[str, str]
    taken: dict[tuple[UUID, str, str], int] = field(default_factory=dict)
    keys: dict[tuple[UUID, str], ReservationRequest] = field(default_factory=dict)

    def serve(self, wish: ReservationRequest) -> tuple[object, ...]:
        """Return outcome, id of the reservation, and the figures that the answer tells."""
        item, taker = (wish.drop, wish.sku), (wish.person_id, wish.drop, wish.sku)
        if first := self.keys.get((wish.person_id, wish.key)):
            same = (first.drop, first.sku, first.quantity) == (wish.drop, wish.sku, wish.quantity)
            return ("replayed", first.reservation_id) if same else ("conflict",)
        if refusal := self._refusal(wish, item, taker):
            return refusal
        self.left[item] -= wish.quantity
        self.taken[taker] = self.taken.get(taker, 0) + wish.quantity
        self.keys[wish.person_id, wish.key] = wish
        return ("reserved", wish.reservation_id)

    def _refusal(
        self, wish: ReservationRequest, item: tuple[str, str], taker: tuple[UUID, str, str]
    ) -> tuple[object, ...] | None:
        if (phase := self.phases.get(wish.drop, "unknown_drop")) != "open":
            return (phase,)
        if item not in self.left:
            return ("unknown_item",)
        if self.taken.get(taker, 0) + wish.quantity > LIMIT:
            return ("over_limit", LIMIT, self.taken.get(taker, 0))
        if wish.sku == "GONE":
            return ("sold_out",)
        if wish.quantity > self.left[item]:
            return ("all_reserved", self.left[item])
        return None


def told(answer: ReservationAnswer) -> tuple[object, ...]:
    """Return an answer as the clerk gives it."""
    if answer.reservation is not None:
        return (answer.outcome, answer.reservation.id)
    figures = {"over_limit": (answer.limit_per_person, answer.taken), "all_reserved": (answer.left,)}
    return (answer.outcome, *figures.get(answer.outcome, ()))


WISHES = st.lists(
    st.tuples(
        st.integers(0, 3),
        st.sampled_from(["open"] * 6 + ["not_open", "drop_closed", "none"]),
        st.sampled_from(["A", "A", "A", "B", "GONE", "NONE"]),
        st.sampled_from([1, 1, 1, 2, 3, 4, 5, 2**31 - 1]),
        st.integers(0, 9),
    ),
    max_size=30,
)


async def sell(shop: Shop) -> tuple[dict[str, str], Clerk]:
    """Set up one drop of each phase; return their slugs, and the clerk."""
    slugs = {phase: f"{phase.replace('_', '-')}-{new_id().hex[-12:]}" for phase in (*PHASES, "none")}
    left = {}
    for phase, (opens, closes) in PHASES.items():
        await shop.drop(slugs[phase], opens=opens, closes=closes)
        for sku in ("A", "B", "GONE"):
            await shop.item(sku, stock=STOCK, limit=LIMIT, slug=slugs[phase])
            left[slugs[phase], sku] = STOCK
    await shop.owner.execute("UPDATE stock SET total = 0 WHERE sku = 'GONE'")
    return slugs, Clerk(left, {slugs[phase]: phase for phase in PHASES})


async def stock_left(shop: Shop, slugs: dict[str, str]) -> dict[tuple[str, str], int]:
    rows = await shop.owner.fetch(
        "SELECT drop_slug, sku, total - reserved - sold AS free FROM stock WHERE drop_slug = ANY ($1) AND total > 0",
        list(slugs.values()),
    )
    return {(row["drop_slug"], row["sku"]): row["free"] for row in rows}


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(wishes=WISHES, cuts=st.lists(st.integers(1, 12), max_size=30))
async def test_a_batch_is_decided_as_if_one_person_was_served_after_the_other(
    shop: Shop, store: PostgresDropStore, wishes: list[tuple[int, str, str, int, int]], cuts: list[int]
):
    slugs, clerk = await sell(shop)
    people = [new_id() for _ in range(4)]
    requests = [
        request(people[person], f"key-{key}", quantity=quantity, sku=sku, slug=slugs[phase])
        for person, phase, sku, quantity, key in wishes
    ]
    expected = [clerk.serve(wish) for wish in requests]
    answers: list[ReservationAnswer] = []
    while requests:
        size = cuts.pop() if cuts else len(requests)
        answers += await store.reserve(requests[:size])
        del requests[:size]
    assert [told(answer) for answer in answers] == expected
    assert await stock_left(shop, slugs) == {item: n for item, n in clerk.left.items() if item[1] != "GONE"}
    assert await shop.broken_sums() == []


async def test_an_answer_tells_what_the_database_has(shop: Shop, store: PostgresDropStore):
    """Granted, replayed and refused together: a granted reservation is told without reading it again."""
    await shop.drop()
    await shop.item(stock=5)
    await shop.item("OTHER", stock=5)
    first, refused = request(quantity=2), request(quantity=2)
    await store.reserve([first, request()])
    for batch in ([request(), request(sku="OTHER")], [refused, first, request(sku="OTHER"), request()]):
        answers = await store.reserve(batch)
        found = [await store.reservation(a.reservation.id, a.reservation.person_id) for a in answers if a.reservation]
        assert [answer.reservation for answer in answers if answer.reservation] == found
        assert [answer.outcome for answer in answers].count("all_reserved") == batch.count(refused)
