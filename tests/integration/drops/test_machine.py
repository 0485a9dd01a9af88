"""Whatever people, gateways and clocks do in whatever order, the drop does what a plain model of it does.

`pytest --hypothesis-profile=long tests/integration/drops/test_machine.py` looks much longer.
"""

import asyncio
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from marketday.drops.checkout import Checkout
from marketday.drops.postgres.store import PostgresDropStore
from marketday.drops.requests import fingerprint
from marketday.drops.settlement import Settlement
from marketday.kit.database import connect, create_pool
from marketday.kit.errors import MarketdayError
from marketday.kit.ids import new_id
from marketday.payments.ports import Purpose, goods_of
from marketday.testing.drops import Shop, request
from marketday.testing.gateway import FakeGateway

from . import paying
from .machine_model import OPEN, Gateway, Item, Model

HOLD_SECONDS = 6000
PORTION_SECONDS = 3000  # two of these, and what is held is due
ITEMS = {"A": Item(total=5, limit=3), "B": Item(total=2, limit=2)}
PEOPLE = [UUID(int=number) for number in range(3)]
CARDS = st.sampled_from(["card_ok", "card_declined", "card_late", "card_timeout"])
WISHES = st.tuples(st.integers(0, 2), st.sampled_from("AB"), st.integers(1, 4), st.integers(0, 9))
WHICH = st.integers(0, 99)
DESK = {"capture": "authorised", "void": "authorised", "refund": "captured"}  # what it needs, by what is done
REFUSED = {
    "IdempotencyConflict": "conflict",
    "UnknownReservation": "unknown_reservation",
    "AlreadyPaid": "already_paid",
    "PaymentInProgress": "payment_in_progress",
    "ReservationExpired": "reservation_expired",
}


class Servers:
    """What all examples share: a loop, and connections to one database."""

    def __init__(self, owner_url: str, store_url: str, worker_url: str) -> None:
        self.runner = asyncio.Runner()
        self.shop = Shop(self.run(connect(owner_url)))
        self.pools = [self.run(create_pool(url, min_size=1, max_size=4)) for url in (store_url, worker_url)]
        self.store, self.worker = map(PostgresDropStore, self.pools)

    def run(self, work: Any) -> Any:
        return self.runner.run(work)

    def close(self) -> None:
        for pool in self.pools:
            self.run(pool.close())
        self.run(self.shop.owner.close())
        self.runner.close()


class Sale(RuleBasedStateMachine):
    """One drop, three people, two items, and a gateway that is sometimes away."""

    def __init__(self, servers: Servers) -> None:
        super().__init__()
        self.servers, self.run = servers, servers.run
        self.slug = f"drop-{new_id().hex[-12:]}"
        self.model = Model(ITEMS, HOLD_SECONDS // PORTION_SECONDS)
        self.gateway = FakeGateway()
        # Keys belong to a person, whatever the drop: so each example has people of its own.
        self.people = [new_id() for _ in PEOPLE]
        store, worker = servers.store, servers.worker
        self.checkout = Checkout(store, self.gateway, Settlement(store, self.gateway), patience_seconds=0)
        self.settlement = Settlement(worker, self.gateway)
        self.run(servers.shop.owner.execute("TRUNCATE drops, allowances CASCADE"))
        self.run(servers.shop.drop(self.slug, hold=HOLD_SECONDS, closes=1_000_000))
        for sku, item in ITEMS.items():
            self.run(servers.shop.item(sku, stock=item.total, limit=item.limit, slug=self.slug))

    @rule(wishes=st.lists(WISHES, min_size=1, max_size=5))
    def reserve(self, wishes):
        batch = [
            request(self.people[who], f"key-{key}", quantity=quantity, sku=sku, slug=self.slug)
            for who, sku, quantity, key in wishes
        ]
        answers = self.run(self.servers.store.reserve(batch))
        for wish, answer in zip(batch, answers, strict=True):
            expected = self.model.reserve(wish.reservation_id, wish.person_id, wish.sku, wish.quantity, wish.key)
            assert answer.outcome == expected
            if answer.reservation:
                first = self.model.held[answer.reservation.id]
                assert (first.person, first.key, first.sku) == (wish.person_id, wish.key, wish.sku)

    @precondition(lambda self: self.model.held)
    @rule(which=WHICH, who=st.integers(0, 3))
    def release(self, which, who):
        reservation, person = self.one(which, who)
        outcome = self.run(self.servers.store.release(reservation, person))
        assert outcome == self.model.release(reservation, person)

    @precondition(lambda self: self.model.held)
    @rule(which=WHICH, who=st.integers(0, 3), key=st.integers(0, 9), method=CARDS)
    def pay(self, which, who, key, method):
        """A store does the whole payment; the model is told the id that it chose."""
        reservation, person = self.one(which, who)
        before, refused = set(self.model.payments), ""
        try:
            self.run(self.checkout.pay(reservation, person, f"pay-{key}", method))
        except MarketdayError as error:
            refused = type(error).__name__
        self.run(self.checkout.close())
        rows = self.run(self.servers.shop.owner.fetch("SELECT id FROM payments ORDER BY id"))
        new = [row["id"] for row in rows if row["id"] not in before]
        outcome = self.model.begin(new[0] if new else new_id(), reservation, person, f"pay-{key}", method)
        assert bool(new) == (outcome == "started")
        if outcome == "started":
            self.model.carry_out(self.model.payments[new[0]])
        elif outcome != "replayed":
            assert REFUSED[refused] == outcome

    @precondition(lambda self: self.model.held)
    @rule(which=WHICH, who=st.integers(0, 3), key=st.integers(0, 9), method=CARDS)
    def begin_to_pay_and_die(self, which, who, key, method):
        reservation, person = self.one(which, who)
        new, body = new_id(), fingerprint(str(reservation), method)
        begun = self.run(paying.begin(self.servers.store, reservation, person, f"pay-{key}", body, new))
        assert begun.outcome == self.model.begin(new, reservation, person, f"pay-{key}", method)

    @precondition(lambda self: self.model.payments)
    @rule(which=WHICH)
    def a_store_that_slept_goes_on(self, which):
        """It asks the gateway for a payment that it began long ago, whatever has become of that meanwhile."""
        payment = sorted(self.model.payments)[which % len(self.model.payments)]
        known = self.model.payments[payment]
        if known.state in ("declined", "captured"):
            return  # no store has more to do with these
        found = self.run(self.servers.store.payment(payment))
        self.run(self.checkout._carry_out(found, known.method))
        self.run(self.checkout.close())
        self.model.carry_out(known)

    @precondition(lambda self: self.model.payments)
    @rule(which=WHICH)
    def confirm_late(self, which):
        payment = sorted(self.model.payments)[which % len(self.model.payments)]
        known = self.model.payments[payment]
        if known.money != "authorised":
            return
        assert self.run(paying.confirm(self.servers.store, payment)) == self.model.confirm(known)

    @precondition(lambda self: self.model.payments)
    @rule(which=WHICH)
    def an_authorisation_comes_late(self, which):
        """What a killed store asked for arrives at the gateway, and nobody hears the answer."""
        payment = sorted(self.model.payments)[which % len(self.model.payments)]
        known = self.model.payments[payment]
        one = self.model.held[known.of]
        with suppress(MarketdayError):
            purpose = Purpose(self.slug, known.person, known.of, goods_of([(one.sku, one.quantity)]))
            self.run(self.gateway.authorise(payment, 32_000 * one.quantity, "KRW", known.method, purpose))
        self.model.authorise(known)

    @rule()
    def settle(self):
        self.run(self.settlement.settle_payments(authorising_seconds=-1, at_once=1))
        self.model.settle()

    @rule()
    def expire(self):
        self.run(self.servers.worker.expire_due())
        self.model.expire()

    @rule()
    def time_passes(self):
        back = timedelta(seconds=PORTION_SECONDS)
        self.run(
            self.servers.shop.owner.execute(
                "UPDATE reservations SET reserved_until = reserved_until - $1::interval", back
            )
        )
        for one in self.model.held.values():
            one.left -= 1

    @rule(down=st.booleans(), deaf=st.booleans())
    def the_gateway_changes(self, down, deaf):
        self.gateway.down, self.gateway.deaf = down, deaf
        self.model.gateway = Gateway(down, deaf)

    @precondition(lambda self: any(one.money in DESK.values() for one in self.model.payments.values()))
    @rule(which=WHICH, call=st.sampled_from(sorted(DESK)))
    def the_merchant_meddles(self, which, call):
        """In the gateway's own desk, where money is taken, refunded and voided without a word to the drop."""
        source = DESK[call]
        can = sorted(payment for payment, one in self.model.payments.items() if one.money == source)
        if not can:
            return
        payment = can[which % len(can)]
        before = self.gateway.down, self.gateway.deaf
        self.gateway.down = self.gateway.deaf = False
        self.model.payments[payment].money = self.run(getattr(self.gateway, call)(payment)).state.value
        self.gateway.down, self.gateway.deaf = before

    @precondition(lambda self: not self.model.closed)
    @rule(sure=st.integers(0, 9))
    def close(self, sure):
        if sure == 0:
            self.run(self.servers.shop.owner.execute("UPDATE drops SET closes_at = clock_timestamp()"))
            self.model.closed = True

    @invariant()
    def it_is_as_the_model_says(self):
        owner, model = self.servers.shop.owner, self.model
        rows = self.run(owner.fetch("SELECT id, state FROM reservations"))
        assert {row["id"]: row["state"] for row in rows} == {one: held.state for one, held in model.held.items()}
        rows = self.run(owner.fetch("SELECT id, state, order_id FROM payments"))
        assert {row["id"]: (row["state"], row["order_id"] == row["id"]) for row in rows} == {
            one: (payment.state, payment.ordered) for one, payment in model.payments.items()
        }
        rows = self.run(owner.fetch("SELECT sku, reserved, sold FROM stock"))
        assert {row["sku"]: (row["reserved"], row["sold"]) for row in rows} == {
            sku: (model.units(sku, "held"), model.units(sku, "confirmed")) for sku in ITEMS
        }

    @invariant()
    def the_books_agree(self):
        at_gateway = {one.reference: one.state.value for one in self.gateway.payments()}
        assert at_gateway == {key: one.money for key, one in self.model.payments.items() if one.money is not None}
        for payment, one in self.model.payments.items():
            assert one.state != "voided" or at_gateway[payment] in ("voided", "declined")
            assert one.state != "refunded" or at_gateway[payment] == "refunded"
            # What is refunded after it was recorded stays as it is: the hand-back compares it with the gateway's books.
            assert one.state != "captured" or at_gateway[payment] in ("captured", "refunded")
        orders = [one.of for one in self.model.payments.values() if one.ordered]
        assert len(orders) == len(set(orders)), "two orders for one reservation"
        assert self.run(self.servers.shop.broken_sums()) == []

    def teardown(self):
        """Once the gateway answers, every payment comes to its end, and every order is paid."""
        self.gateway.down = self.gateway.deaf = False
        self.model.gateway = Gateway()
        for _ in range(2):
            self.settle()
        self.it_is_as_the_model_says()
        self.the_books_agree()
        for one in self.model.payments.values():
            assert one.state not in OPEN
            paid = one.ordered and not self.model.held[one.of].returned
            assert (one.state == "captured") == paid
            assert paid or one.money != "captured", "money for nothing"
            assert one.money != "authorised", "money that is set aside for nobody"

    def one(self, which: int, who: int) -> tuple[UUID, UUID]:
        """Return a reservation, and its person; once in a while another person."""
        reservation = sorted(self.model.held)[which % len(self.model.held)]
        return reservation, self.people[who] if who < 3 else self.model.held[reservation].person


@pytest.fixture
def servers(drop_database_url: str, store_database_url: str, worker_database_url: str) -> Iterator[Servers]:
    opened = Servers(drop_database_url, store_database_url, worker_database_url)
    try:
        yield opened
    finally:
        opened.close()


def test_a_sale_does_what_its_model_does(servers: Servers):
    profile = settings.get_current_profile_name()
    size = (
        {"max_examples": 400, "stateful_step_count": 60}
        if profile == "long"
        else {"max_examples": 12, "stateful_step_count": 30}
    )
    checks = [HealthCheck.too_slow, HealthCheck.data_too_large]
    run_state_machine_as_test(
        lambda: Sale(servers),
        settings=settings(
            **size, deadline=None, derandomize=profile != "long", database=None, suppress_health_check=checks
        ),
    )
