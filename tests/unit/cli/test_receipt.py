import json
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
from typer.testing import CliRunner

from marketday.accounts.tokens import parse_jwks, public_jwks
from marketday.cli import receipt
from marketday.environments.model import requested
from marketday.handback.errors import UnknownReceipt
from marketday.handback.model import Point, Promotion, Seen, Sum, TableProof, Window
from marketday.handback.receipt import ReceiptVerifier, handed_back, sign
from marketday.handback.verify import Comparison, Proof
from marketday.kit.ids import new_id
from marketday.testing.accounts import a_signing_key
from marketday.testing.definitions import dawn_serum
from marketday.testing.environments import MemoryEnvironments

NOW = datetime(2026, 12, 10, 12, tzinfo=UTC)
ISSUER = "http://mall.localhost"
KEY = a_signing_key()


EARLY = {"at": "2026-12-10T11:59:00+00:00", "by": "marketday down --now by ann on desk"}


def _receipt(environment_id, released_early=None):
    sums = [Sum("orders", "paid", "KRW", 7, 224_000), Sum("payments", "captured", "USD", 1, 1250)]
    comparison = Comparison({"orders": TableProof(7, "ab" * 32)}, sums, [])
    window = Window(environment_id, "dawn-serum", "", commitment="c0ffee", released_early=released_early)
    proof = Proof(Point("0/1A2B", NOW), comparison, Seen(7, 7), ["there_are_no_orphans"])
    claims = handed_back(window, proof, Promotion(7, 20, 7, 13))
    return sign(KEY, ISSUER, environment_id, claims, NOW)


class Kept:
    def __init__(self):
        self.receipts = {}

    async def receipt(self, environment_id):
        if environment_id not in self.receipts:
            raise UnknownReceipt(f"environment {environment_id} is not handed back")
        return self.receipts[environment_id]


@pytest.fixture
async def desk():
    store, definition = MemoryEnvironments(), dawn_serum()
    environment = requested(new_id(), definition, definition.schedule())
    await store.add(environment)
    verifier = ReceiptVerifier(parse_jwks(public_jwks(KEY, ISSUER)))
    return SimpleNamespace(store=store, hand_back=Kept(), receipts=verifier, environment=environment)


@pytest.fixture
def run(desk, monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")

    @asynccontextmanager
    async def open_desk():
        yield desk

    return lambda *arguments: CliRunner().invoke(receipt.app, [str(one) for one in arguments], obj=open_desk)


def test_a_receipt_is_shown(run, desk):
    desk.hand_back.receipts[desk.environment.id] = _receipt(desk.environment.id)
    result = run("show", "dawn-serum")
    assert result.exit_code == 0, result.output
    for figure in ("units returned", "13", "224000 KRW", "1, 12.50 USD", "0/1A2B", "there_are_no_orphans"):
        assert figure in result.output


def test_an_environment_without_a_receipt_is_reported(run, desk):
    result = run("show", "dawn-serum")
    assert result.exit_code == 1
    assert "is not handed back" in result.output


def test_what_show_prints_can_be_verified(run, desk, tmp_path):
    desk.hand_back.receipts[desk.environment.id] = _receipt(desk.environment.id)
    file = tmp_path / "receipt.json"
    file.write_text(run("show", "--json", desk.environment.id).output, "utf-8")
    result = run("verify", file)
    assert result.exit_code == 0, result.output
    assert "The receipt is genuine" in result.output
    file.write_text(json.loads(file.read_text("utf-8"))["receipt"], "utf-8")
    assert run("verify", file).exit_code == 0


def test_what_was_tampered_with_is_refused(run, desk, tmp_path):
    made = _receipt(desk.environment.id)
    file = tmp_path / "receipt.json"
    prettier = {**made.claims, "promotion": {"orders": 8}}
    for content, reason in (
        (json.dumps({"receipt": made.token, "summary": prettier}), "differs from what was signed: promotion"),
        (json.dumps({"receipt": made.token[:-3] + "AAA", "summary": made.claims}), "not a genuine receipt"),
        (json.dumps([1]), "expected a JSON object"),
        ("nonsense", "not a genuine receipt"),
    ):
        file.write_text(content, "utf-8")
        result = run("verify", file)
        assert result.exit_code == 1
        assert reason in result.output
    assert run("verify", tmp_path / "none.json").exit_code == 1


def test_what_was_released_early_is_signed_and_shown(desk, run):
    early = {**EARLY, "reservations": 18_428, "units": 20_001}
    desk.hand_back.receipts[desk.environment.id] = _receipt(desk.environment.id, early)
    shown = run("show", "dawn-serum").output
    for part in ("released early", "18428 reservations", "20001 units", EARLY["by"], EARLY["at"]):
        assert part in shown
    receipt = desk.hand_back.receipts[desk.environment.id]
    assert desk.receipts.read(receipt.token).claims["released_early"] == early


def test_without_that_a_receipt_says_nothing_of_it(desk):
    assert "released_early" not in _receipt(desk.environment.id).claims
