import asyncio
import json
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from pydantic import SecretStr

from marketday.apps.gate import Settings, create_app
from marketday.catalog.stock import StockState
from marketday.kit.ids import new_id
from marketday.provisioners.local.ports import free_ports
from marketday.waitingroom.draw import permutation
from marketday.waitingroom.model import Board
from marketday.waitingroom.tokens import verify
from marketday.waitingroom.valkey import ValkeyRooms

from .conftest import FOREIGN_KEY, SEED, Publish, bearing, identity

ENTRIES = "/v1/drops/dawn-serum/entries"
ADMISSIONS = "/v1/drops/dawn-serum/admissions"
NOW = "/v1/drops/dawn-serum/now"


def assert_problem(answer: httpx.Response, status: int, slug: str) -> dict[str, object]:
    assert answer.headers["content-type"] == "application/problem+json"
    body = answer.json()
    assert (answer.status_code, body["type"], body["status"]) == (status, f"urn:marketday:problem:{slug}", status)
    assert body["title"]
    assert body["instance"].startswith("urn:marketday:request:")
    return body


async def test_a_person_joins_once_however_often_asked(gate: httpx.AsyncClient, publish: Publish) -> None:
    facts = await publish(opens=10)
    headers = bearing(new_id())
    first = await gate.post(ENTRIES, headers=headers)
    again = await gate.post(ENTRIES, headers={**headers, "Idempotency-Key": "anything"})
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    expected = {"drop": "dawn-serum", "index": 0, "position": None, "commitment": facts.commitment.hex()}
    assert expected.items() <= first.json().items()
    assert datetime.fromisoformat(first.json()["joined_at"]).tzinfo is not None


async def test_two_hundred_of_the_same_join_at_once_are_one_entry(gate: httpx.AsyncClient, publish: Publish) -> None:
    await publish(opens=10)
    headers = bearing(new_id())
    answers = await asyncio.gather(*(gate.post(ENTRIES, headers=headers) for _ in range(200)))
    assert sorted(answer.status_code for answer in answers) == [200] * 199 + [201]
    assert len({answer.content for answer in answers}) == 1
    assert (await gate.get(NOW)).json()["waiting"] == 1


async def test_the_whole_way_from_joining_to_an_admission(
    gate: httpx.AsyncClient, publish: Publish, rooms: ValkeyRooms, admission_key: bytes
) -> None:
    await publish()
    people = [new_id() for _ in range(10)]
    for person in people:
        await gate.post(ENTRIES, headers=bearing(person))
    now = datetime.now(UTC)
    await rooms.open("dawn-serum", SEED, now)
    late = await gate.post(ENTRIES, headers=bearing(new_id()))
    assert (late.json()["index"], late.json()["position"]) == (10, 10)
    positions = [permutation(SEED, index, 10) for index in range(10)]
    entry = (await gate.post(ENTRIES, headers=bearing(people[3]))).json()
    assert entry["position"] == positions[3]

    await rooms.call("dawn-serum", 5, now)
    served, unserved = people[positions.index(4)], people[positions.index(5)]
    problem = assert_problem(await gate.post(ADMISSIONS, headers=bearing(unserved)), 409, "not-yet-served")
    assert (problem["position"], problem["serving_number"]) == (5, 5)
    granted = await gate.post(ADMISSIONS, headers=bearing(served))
    again = await gate.post(ADMISSIONS, headers=bearing(served))
    assert (granted.status_code, again.status_code) == (201, 200)
    assert granted.json() == again.json()
    assert granted.json()["store_url"] == "http://event.localhost:9/drops/dawn-serum"
    admission = verify(admission_key, granted.json()["admission"], "dawn-serum", now)
    assert admission.person_id == served
    assert admission.expires_at - now <= timedelta(seconds=601)
    assert "set-cookie" not in granted.headers


async def test_the_now_document(gate: httpx.AsyncClient, publish: Publish, rooms: ValkeyRooms) -> None:
    facts = await publish()
    await rooms.join("dawn-serum", new_id(), facts.room_opens_at)
    await rooms.open("dawn-serum", SEED, facts.opens_at)
    await rooms.write_board("dawn-serum", Board(StockState.ALL_RESERVED, 0, 1.5))
    answer = await gate.get(NOW)
    assert answer.headers["cache-control"] == "public, max-age=1, stale-while-revalidate=1"
    document = answer.json()
    assert document.pop("server_time").endswith("Z")
    assert document == {
        "drop": "dawn-serum",
        "phase": "open",
        "room_opens_at": facts.room_opens_at.strftime("%Y-%m-%dT%H:%M:%S.000Z"),
        "opens_at": facts.opens_at.strftime("%Y-%m-%dT%H:%M:%S.000Z"),
        "closes_at": facts.closes_at.strftime("%Y-%m-%dT%H:%M:%S.000Z"),
        "waiting": 1,
        "inside": 0,
        "serving_number": 0,
        "rate_per_second": 1.5,
        "stock": "all_reserved",
        "left": 0,
        "commitment": facts.commitment.hex(),
        "seed": SEED.hex(),
        "cohort": 1,
    }


async def test_the_seed_is_secret_until_the_draw(gate: httpx.AsyncClient, publish: Publish) -> None:
    await publish()
    answer = await gate.get(NOW)
    assert (answer.json()["phase"], answer.json()["seed"], answer.json()["cohort"]) == ("waiting", None, None)
    assert SEED.hex() not in answer.text


@pytest.mark.parametrize("path", ["entries", "admissions", "now"])
@pytest.mark.parametrize("drop", ["no-such-drop", "UPPER", "a" * 300, "%7Bx%7D", "스킨"])
async def test_an_unknown_drop(gate: httpx.AsyncClient, publish: Publish, path: str, drop: str) -> None:
    await publish()
    url = f"/v1/drops/{drop}/{path}"
    answer = await (gate.get(url) if path == "now" else gate.post(url, headers=bearing(new_id())))
    assert_problem(answer, 404, "unknown-drop")


async def test_a_place_that_is_not_recorded_is_not_promised(
    gate: httpx.AsyncClient, publish: Publish, worker: asyncio.Task[None]
) -> None:
    await publish()
    worker.cancel()
    await asyncio.wait([worker])
    answer = await gate.post(ENTRIES, headers=bearing(new_id()))
    assert_problem(answer, 503, "room-unavailable")
    assert answer.headers["Retry-After"] == "1"


async def test_before_the_room_opens(gate: httpx.AsyncClient, publish: Publish) -> None:
    await publish(room=5, opens=10)
    assert_problem(await gate.post(ENTRIES, headers=bearing(new_id())), 409, "room-not-open")
    assert (await gate.get(NOW)).json()["phase"] == "upcoming"


async def test_after_closing(gate: httpx.AsyncClient, publish: Publish, rooms: ValkeyRooms) -> None:
    facts = await publish(opens=-20, closes=-1)
    person = new_id()
    await rooms.join("dawn-serum", person, facts.room_opens_at)
    assert_problem(await gate.post(ENTRIES, headers=bearing(new_id())), 410, "drop-closed")
    assert_problem(await gate.post(ADMISSIONS, headers=bearing(person)), 410, "drop-closed")
    assert (await gate.get(NOW)).json()["phase"] == "closed"


async def test_sold_out(gate: httpx.AsyncClient, publish: Publish, rooms: ValkeyRooms) -> None:
    facts = await publish()
    person = new_id()
    await rooms.join("dawn-serum", person, facts.room_opens_at)
    await rooms.open("dawn-serum", SEED, facts.opens_at)
    await rooms.call("dawn-serum", 1, facts.opens_at)
    await rooms.write_board("dawn-serum", Board(StockState.SOLD_OUT))
    assert_problem(await gate.post(ADMISSIONS, headers=bearing(person)), 410, "sold-out")


async def test_an_admission_whose_time_is_over(gate: httpx.AsyncClient, publish: Publish, rooms: ValkeyRooms) -> None:
    facts = await publish()
    person = new_id()
    await rooms.join("dawn-serum", person, facts.room_opens_at)
    await rooms.open("dawn-serum", SEED, facts.opens_at)
    now = datetime.now(UTC)
    await rooms.admit("dawn-serum", person, 0, now - timedelta(seconds=9), now - timedelta(seconds=1))
    assert_problem(await gate.post(ADMISSIONS, headers=bearing(person)), 410, "admission-expired")


async def test_without_an_entry(gate: httpx.AsyncClient, publish: Publish) -> None:
    await publish()
    assert_problem(await gate.post(ADMISSIONS, headers=bearing(new_id())), 404, "no-entry")


@pytest.mark.parametrize("path", [ENTRIES, ADMISSIONS])
@pytest.mark.parametrize(
    ("authorization", "slug"),
    [
        (None, "missing-token"),
        ("", "missing-token"),
        ("Basic dTpw", "missing-token"),
        ("Bearer ", "missing-token"),
        ("Bearer nonsense", "invalid-token"),
        ("Bearer " + "x" * 5000, "invalid-token"),
        ("forged", "invalid-token"),
        ("expired", "expired-token"),
    ],
)
async def test_who_is_not_known(
    gate: httpx.AsyncClient, publish: Publish, path: str, authorization: str | None, slug: str
) -> None:
    await publish()
    made = {
        "forged": f"Bearer {identity(new_id(), key=FOREIGN_KEY)}",
        "expired": f"Bearer {identity(new_id(), minutes_ago=120)}",
    }
    headers = {} if authorization is None else {"Authorization": made.get(authorization, authorization)}
    assert_problem(await gate.post(path, headers=headers), 401, slug)


async def test_a_body_that_is_too_large(gate: httpx.AsyncClient, publish: Publish) -> None:
    await publish()
    answer = await gate.post(ENTRIES, headers=bearing(new_id()), content=b"x" * 100_000)
    assert_problem(answer, 413, "body-too-large")


async def test_a_body_that_is_no_json_does_no_harm(gate: httpx.AsyncClient, publish: Publish) -> None:
    await publish()
    answer = await gate.post(ENTRIES, headers=bearing(new_id()), content=b"{not json")
    assert answer.status_code == 201


async def test_many_looks_at_once_read_valkey_once(
    gate: httpx.AsyncClient, publish: Publish, rooms: ValkeyRooms
) -> None:
    await publish()
    client = rooms._client
    before = (await client.info("commandstats"))["cmdstat_exec"]["calls"]
    answers = await asyncio.gather(*(gate.get(NOW) for _ in range(50)))
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.content for answer in answers}) <= 2
    assert (await client.info("commandstats"))["cmdstat_exec"]["calls"] - before <= 2


async def test_a_valkey_that_is_away_is_a_503_with_a_time_to_come_back(settings: Settings) -> None:
    away = settings.model_copy(update={"valkey_url": SecretStr(f"redis://127.0.0.1:{free_ports(1)[0]}/0")})
    app = create_app(away)
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url=settings.public_url) as client,
    ):
        answer = await client.post(ENTRIES, headers=bearing(new_id()))
        assert_problem(answer, 503, "room-unavailable")
        assert answer.headers["retry-after"] == "2"
        assert (await client.get("/healthz")).status_code == 200
        assert (await client.get("/readyz")).status_code == 503


async def test_health_and_openapi(gate: httpx.AsyncClient) -> None:
    assert (await gate.get("/healthz")).status_code == 200
    assert (await gate.get("/readyz")).json() == {"status": "ready"}
    assert "marketday_request_seconds" in (await gate.get("/metrics")).text
    assert [(await gate.get(path)).status_code for path in ("/docs", "/redoc")] == [404, 404]
    paths = json.loads((await gate.get("/openapi.json")).content)["paths"]
    assert set(paths) == {f"/v1/drops/{{drop}}/{name}" for name in ("entries", "now", "admissions")}


async def test_an_admission_that_is_over_is_a_new_place_behind_everyone(
    gate: httpx.AsyncClient, publish: Publish, rooms: ValkeyRooms
) -> None:
    facts, person, now = await publish(rejoins=1), new_id(), datetime.now(UTC)
    again = "/v1/drops/dawn-serum/entries?again=true"
    assert (await gate.post(again, headers=bearing(person))).status_code == 201, "nobody is refused a first place"
    await rooms.open(facts.slug, SEED, facts.opens_at)
    assert (await gate.post(again, headers=bearing(person))).json()["index"] == 0
    await rooms.admit(facts.slug, person, 0, now - timedelta(seconds=9), now - timedelta(seconds=1))
    told = await gate.post("/v1/drops/dawn-serum/entries", headers=bearing(person))
    assert (told.status_code, told.json()["index"]) == (200, 0), "without asking for it, nobody loses a place"
    moved = await gate.post(again, headers=bearing(person))
    assert (moved.status_code, moved.json()["index"], moved.json()["position"]) == (201, 1, 1)
    assert (await gate.post(again, headers=bearing(person))).json()["index"] == 1
    await rooms.admit(facts.slug, person, 1, now - timedelta(seconds=9), now - timedelta(seconds=1))
    refused = await gate.post(again, headers=bearing(person))
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:marketday:problem:cannot-rejoin")


async def test_who_has_bought_does_not_join_again(
    gate: httpx.AsyncClient, publish: Publish, rooms: ValkeyRooms
) -> None:
    facts, person, now = await publish(rejoins=9), new_id(), datetime.now(UTC)
    await rooms.join(facts.slug, person, facts.room_opens_at)
    await rooms.open(facts.slug, SEED, facts.opens_at)
    await rooms.admit(facts.slug, person, 0, now - timedelta(seconds=9), now - timedelta(seconds=1))
    await rooms.leave(facts.slug, [person])
    refused = await gate.post("/v1/drops/dawn-serum/entries?again=true", headers=bearing(person))
    assert refused.json()["type"] == "urn:marketday:problem:cannot-rejoin"
