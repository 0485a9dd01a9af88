"""A drop's database is brought back from a copy: what the copy has is handed back, what came after it is given back."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest

from marketday.drops.postgres.handover import lend
from marketday.environments.model import requested
from marketday.environments.postgres.store import PostgresEnvironments
from marketday.handback.errors import BooksDiffer, EquationsBroken, LedgerUnavailable
from marketday.handback.lost import lost_payments
from marketday.handback.model import Restoration, Window
from marketday.handback.postgres.evidence import GatheredEvidence
from marketday.handback.postgres.link import PostgresLinks
from marketday.handback.postgres.promote import PostgresPromotions
from marketday.handback.postgres.staging import PostgresReceipts, PostgresStaging
from marketday.handback.service import HandBackService
from marketday.kit.clock import SystemClock
from marketday.kit.database import connect, create_pool
from marketday.kit.ids import new_id
from marketday.payments.errors import MoneyKept
from marketday.payments.ports import GatewayPayment, GatewayState, LedgerEntry, Purpose
from marketday.provisioners.local.backup import figures, restoring
from marketday.provisioners.local.backup.clusters import Cluster
from marketday.provisioners.local.backup.restoring import Restored
from marketday.provisioners.local.home import open_home
from marketday.provisioners.recovery.books import Books
from marketday.rounds.hand_back import window_of
from marketday.testing.accounts import a_signing_key
from marketday.testing.definitions import dawn_serum
from marketday.testing.rows import PRICE_MINOR, add_accounts, add_product
from marketday.testing.sales import SKU, books_of, drop_of, item_of, sell_drop

HOLDER, ISSUER = "event-of-the-dawn", "https://mall.example.com"
COPIED_TO = datetime(2026, 12, 10, 11, 30, tzinfo=UTC)
NOW = COPIED_TO + timedelta(hours=2)


class Ledger:
    """The gateway, which outlives the region: a dictionary that does what the sandbox does."""

    def __init__(self, entries):
        self.entries = {one.payment.reference: one for one in entries}
        self.stuck = frozenset()

    def _move(self, reference, states):
        one = self.entries[reference]
        state = one.payment.state if reference in self.stuck else states.get(one.payment.state, one.payment.state)
        self.entries[reference] = replace(one, payment=replace(one.payment, state=state))
        return self.entries[reference].payment

    async def void(self, reference):
        return self._move(reference, {GatewayState.AUTHORISED: GatewayState.VOIDED})

    async def refund(self, reference):
        return self._move(reference, {GatewayState.CAPTURED: GatewayState.REFUNDED})

    async def capture(self, reference):
        return self._move(reference, {GatewayState.AUTHORISED: GatewayState.CAPTURED})

    async def lookup(self, reference):
        return self.entries[reference].payment if reference in self.entries else None

    async def revoke(self, holder):
        assert holder == HOLDER

    async def ledger(self, *, holder=None, group=None):
        for one in list(self.entries.values()):
            if holder in {None, one.holder} and group in {None, one.purpose.group}:
                yield one


def paid_later(state=GatewayState.CAPTURED, at=COPIED_TO + timedelta(minutes=2), amount=PRICE_MINOR):
    purpose = Purpose("dawn-serum", new_id(), new_id(), f"{SKU} x 1")
    return LedgerEntry(GatewayPayment(new_id(), state, amount, "KRW"), HOLDER, purpose, at, at)


class Later:
    def now(self):
        return NOW


@pytest.fixture
async def restored(mall_database_url, drop_database_url, tmp_path):
    """The mall and the drop as their copies have them; in the books are two payments more."""
    mall, drop = await create_pool(mall_database_url, max_size=6), await connect(drop_database_url)
    definition = dawn_serum()
    environment = requested(new_id(), definition, definition.schedule())
    await PostgresEnvironments(mall).add(environment)
    await add_product(mall, SKU, stock=100)
    await lend(mall, environment.id, [item_of(20)])
    people = await add_accounts(mall, 7)
    facts = drop_of(environment.schedule.opens_at)
    commitment = await sell_drop(drop, people, facts.opens_at, stock=20)
    window = Window(environment.id, environment.drop_slug, drop_database_url, "", commitment, facts, HOLDER)
    lost = [paid_later(), paid_later(GatewayState.AUTHORISED)]
    ledger = Ledger([*await books_of(drop, HOLDER), *lost])
    clock = SystemClock()
    service = HandBackService(
        PostgresLinks(clock),
        PostgresStaging(mall, mall_database_url),
        GatheredEvidence(mall, ledger, None, clock),
        PostgresPromotions(mall),
        PostgresReceipts(mall, tmp_path),
        a_signing_key(),
        ISSUER,
        clock,
    )
    own = await create_pool(drop_database_url, max_size=4)
    yield mall, drop, window, ledger, lost, service, Books(own, ledger, Later())
    await own.close()
    await drop.close()
    await mall.close()


async def test_what_the_copy_has_comes_home_and_the_rest_is_given_back(restored):
    mall, _, window, ledger, lost, service, books = restored
    found = await books.lost(COPIED_TO, holder=HOLDER)
    assert {one.payment.reference for one in found.holding} == {one.payment.reference for one in lost}
    with pytest.raises(EquationsBroken, match="payments_are_the_gateways"):
        await service.hand_back(window)  # what nobody explains stops the day
    assert await books.settle_drop() == (0, 0)
    assert await books.give_back(found) == 2
    with pytest.raises(EquationsBroken):
        await service.hand_back(window)
    receipt = await service.hand_back(replace(window, recovered=found.recovered()))
    assert receipt.claims["promotion"]["orders"] == 7
    expected = {"copied_to": COPIED_TO.isoformat(), "payments_given_back": 2, "amounts_minor": {"KRW": PRICE_MINOR}}
    assert receipt.claims["recovered"] == expected
    assert await mall.fetchval("SELECT count(*) FROM orders WHERE origin = 'dawn-serum'") == 7
    states = [ledger.entries[one.payment.reference].payment.state for one in lost]
    assert states == [GatewayState.REFUNDED, GatewayState.VOIDED]
    again = await books.lost(COPIED_TO, holder=HOLDER)
    assert (len(again.holding), len(again.entries)) == (0, 2)
    assert (await service.hand_back(replace(window, recovered=again.recovered()))).token == receipt.token


async def test_what_was_open_in_the_copy_comes_to_rest(restored):
    """An order whose money was not taken yet is paid, and a held unit is free."""
    _, drop, window, ledger, _, service, books = restored
    found = await books.lost(COPIED_TO, holder=HOLDER)
    captured = await drop.fetchval("SELECT min(id::text)::uuid FROM payments WHERE state = 'captured'")
    await drop.execute(
        "UPDATE payments SET state = 'authorised', updated_at = now() - interval '1 min' WHERE id = $1", captured
    )
    ledger.entries[captured] = replace(
        ledger.entries[captured], payment=replace(ledger.entries[captured].payment, state=GatewayState.AUTHORISED)
    )
    held = await drop.fetchrow("SELECT * FROM reservations WHERE state <> 'confirmed'")
    await drop.execute("UPDATE reservations SET state = 'held', settled_at = NULL WHERE id = $1", held["id"])
    await drop.execute("UPDATE stock SET reserved = reserved + 1")
    await drop.execute("UPDATE allowances SET taken = taken + 1 WHERE person_id = $1", held["person_id"])
    settled, freed = await books.settle_drop()
    assert (settled, freed) == (1, 1)
    assert ledger.entries[captured].payment.state is GatewayState.CAPTURED
    assert await drop.fetchval("SELECT reserved FROM stock") == 0
    await books.give_back(found)
    await drop.execute("UPDATE reservations SET settled_at = created_at WHERE id = $1", held["id"])
    await drop.execute(
        "UPDATE payments p SET updated_at = created_at WHERE id = $1", captured
    )  # the drop is in the future
    receipt = await service.hand_back(replace(window, recovered=found.recovered()))
    assert receipt.claims["promotion"]["orders"] == 7


async def test_a_payment_that_the_gateway_does_not_give_back_is_never_called_given_back(restored):
    *_, ledger, lost, service, books = restored
    found = await books.lost(COPIED_TO, holder=HOLDER)
    ledger.stuck = frozenset({lost[0].payment.reference})
    with pytest.raises(MoneyKept, match="is captured at the gateway"):
        await books.give_back(found)
    with pytest.raises(EquationsBroken):  # and the receipt does not leave it out
        await service.hand_back(replace(restored[2], recovered=found.recovered()))


async def test_a_wrong_database_gives_nothing_back(restored):
    """An empty one, for example: every payment is missing there, and almost all are older than the copy."""
    *_, ledger, _, _, _ = restored
    entries = [replace(one, created_at=COPIED_TO - timedelta(hours=1)) for one in ledger.entries.values()]
    with pytest.raises(BooksDiffer, match="older than the copy"):
        lost_payments(entries, set(), COPIED_TO, NOW)


def test_while_somebody_still_sells_nothing_is_given_back():
    young = paid_later(at=NOW - timedelta(seconds=20))
    with pytest.raises(BooksDiffer, match="somebody still sells"):
        lost_payments([young], set(), COPIED_TO, NOW)
    assert lost_payments([young], {young.payment.reference}, COPIED_TO, NOW).entries == []
    declined = paid_later(GatewayState.DECLINED, at=COPIED_TO - timedelta(hours=1))
    assert lost_payments([declined], set(), COPIED_TO, NOW).holding == []


def restoration(**facts):
    return replace(Restoration(COPIED_TO, COPIED_TO + timedelta(minutes=5)), **facts)


async def test_a_restored_drop_gives_back_by_itself_what_its_copy_does_not_have(restored):
    mall, _, window, ledger, lost, service, _ = restored
    declined = paid_later(GatewayState.DECLINED)
    ledger.entries[declined.payment.reference] = declined
    receipt = await service.hand_back(replace(window, restored=[restoration()]))
    states = [ledger.entries[one.payment.reference].payment.state for one in lost]
    assert states == [GatewayState.REFUNDED, GatewayState.VOIDED]
    expected = {"copied_to": COPIED_TO.isoformat(), "payments_given_back": 3, "amounts_minor": {"KRW": PRICE_MINOR}}
    assert receipt.claims["recovered"] == expected
    assert await mall.fetchval("SELECT count(*) FROM orders WHERE origin = 'dawn-serum'") == 7
    captured = [one for one in ledger.entries.values() if one.payment.state is GatewayState.CAPTURED]
    assert len(captured) == 7, "the money of orders that the mall has is never given back"


@pytest.mark.parametrize(
    "made_at", [COPIED_TO - timedelta(minutes=1), COPIED_TO + timedelta(minutes=6)], ids=["before", "after"]
)
async def test_what_is_not_from_the_gap_is_not_given_back(restored, made_at):
    """An event plane that removes an order of another time does not make the mall give its money back."""
    _, _, window, ledger, lost, service, _ = restored
    for one in lost:
        del ledger.entries[one.payment.reference]
    removed = paid_later(at=made_at)
    ledger.entries[removed.payment.reference] = removed
    with pytest.raises(EquationsBroken, match="payments_are_the_gateways"):
        await service.hand_back(replace(window, restored=[restoration()]))
    assert ledger.entries[removed.payment.reference].payment.state is GatewayState.CAPTURED


async def test_while_something_else_is_wrong_nothing_is_given_back(restored):
    """For example a copy beside a mall that still sells: what was sold after the restore stops it first."""
    _, _, window, ledger, lost, service, _ = restored
    later = paid_later(at=COPIED_TO + timedelta(minutes=6))
    ledger.entries[later.payment.reference] = later
    with pytest.raises(EquationsBroken):
        await service.hand_back(replace(window, restored=[restoration()]))
    assert ledger.entries[lost[0].payment.reference].payment.state is GatewayState.CAPTURED


async def test_what_the_restored_copy_had_is_not_given_back(restored):
    """Nor one of the copy's last seconds, which the restore has noted."""
    _, _, window, ledger, lost, service, _ = restored
    with pytest.raises(BooksDiffer, match="were in the restored database"):
        await service.hand_back(replace(window, restored=[restoration(kept=frozenset({lost[0].payment.reference}))]))
    assert ledger.entries[lost[0].payment.reference].payment.state is GatewayState.CAPTURED


async def test_a_gateway_that_keeps_lost_money_stops_the_hand_back(restored):
    _, _, window, ledger, lost, service, _ = restored
    ledger.stuck = frozenset({lost[0].payment.reference})
    with pytest.raises(LedgerUnavailable, match="expected its money given back"):
        await service.hand_back(replace(window, restored=[restoration()]))
    ledger.stuck = frozenset()
    assert (await service.hand_back(replace(window, restored=[restoration()]))).claims["recovered"]


def test_an_old_payment_without_money_is_not_explained_by_the_copy():
    old = paid_later(GatewayState.REFUNDED, at=COPIED_TO - timedelta(hours=1))
    assert lost_payments([old], set(), COPIED_TO, NOW).entries == []


def test_a_restore_is_read_as_it_was_recorded():
    one = restoration(kept=frozenset({new_id()}))
    assert Restoration.read(one.record()) == one


async def test_a_restore_is_recorded_in_the_mall_and_found_by_the_hand_back(
    restored, mall_database_url, drop_database_url, tmp_path
):
    """Twice: what was lost before the first restore is still missing after the second."""
    mall, drop, window, *_ = restored
    home = open_home(tmp_path / "home")
    of_mall = Cluster("mall", home.mall, SimpleNamespace(url=lambda _: mall_database_url), "")
    plane = home.environment(window.environment_id)
    plane.path.mkdir(parents=True)
    of_drop = Cluster("the drop", plane, SimpleNamespace(url=lambda _: drop_database_url), "")
    begun = await drop.fetchval("SELECT max(created_at) FROM payments")
    line = f"last completed transaction was at log time {begun.isoformat(' ')}\n"
    (plane.path / "recovery.log").write_text(line, "utf-8")
    wanted = SimpleNamespace(base=SimpleNamespace(ended_at=begun - timedelta(minutes=9)))
    done = Restored(home, None)
    for _ in range(2):
        record = await restoring._gap(wanted, of_drop, done)
        await figures.move(of_mall, window.environment_id, {"port": "4"}, record)
    await figures.move(of_mall, window.environment_id, {"port": "5"}, None)
    environment = await PostgresEnvironments(mall).get(window.environment_id)
    assert (environment.outputs["port"], done.warnings) == ("5", [])
    found = window_of(environment, None, last=True).restored
    assert [one.copied_to for one in found] == [begun, begun]
    last = {row["id"] for row in await drop.fetch("SELECT id FROM payments WHERE created_at = $1", begun)}
    assert last <= found[0].kept
