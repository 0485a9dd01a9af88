"""The edge: routing, the cached document, limits, and answers while a service is away."""

import asyncio
import json
import subprocess

import aiohttp
import pytest
from tests.conftest import running

from marketday.provisioners.local.callers import Callers
from marketday.provisioners.local.nginx import LARGEST_EVENT_BODY, Edge
from marketday.provisioners.local.ports import free_ports

from .upstreams import Upstream

KEY = "e" * 64  # the edge shows it to its services
CROWD = "c" * 64  # a crowd shows it to the edge
CALLERS = Callers(crowd_key=CROWD)


@pytest.fixture
async def gate():
    return Upstream("gate")


@pytest.fixture
async def store():
    return Upstream("store")


def host_of(port):
    return f"event.localhost:{port}"


def from_the_crowd(address):
    return {"Marketday-Crowd": CROWD, "X-Forwarded-For": address}


@pytest.fixture
def callers():
    return CALLERS


@pytest.fixture
async def edge(plane_path, gate, store, callers):
    port, gate.port, store.port = free_ports(3)
    await gate.start(gate.port)
    await store.start(store.port)
    nginx = Edge(plane_path / "nginx", port, KEY, callers)
    spec = nginx.write_event("a-drop", gates=[gate.port], stores=[store.port], requests_per_second=2)
    try:
        with running(spec, plane_path):
            async with aiohttp.ClientSession(f"http://127.0.0.1:{port}", headers={"Host": host_of(port)}) as session:
                yield session
    finally:
        await gate.stop()
        await store.stop()


@pytest.mark.parametrize("write", ["event", "mall"])
def test_a_home_may_have_any_usual_name(plane_path, write):
    edge = Edge(plane_path / 'My "shop"; 가게 {1}' / "nginx", 1, KEY)
    edge.folder.parent.mkdir()
    spec = (
        edge.write_event("a-drop", gates=[2], stores=[3], requests_per_second=2)
        if write == "event"
        else edge.write_mall(mall=2, console=3, console_port=4)
    )
    done = subprocess.run([*spec.argv, "-t"], capture_output=True, text=True, timeout=20, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("path", "service"),
    [
        ("/v1/drops/a-drop/entries", "gate"),
        ("/v1/drops/a-drop/admissions", "gate"),
        ("/v1/drops/a-drop/now", "gate"),
        ("/drops/a-drop/room", "gate"),
        ("/drops/a-drop/room/again", "gate"),
        ("/drops/a-drop/enter", "gate"),
        ("/static/0123/gate/room.js", "gate"),
        ("/static/0123/store/store.css", "gate"),  # the same there, and the waiting room needs no store
        ("/drops/a-drop/pictures/0123.svg", "store"),
        ("/drops/a-drop", "store"),
        ("/drops/a-drop/roommate", "store"),
        ("/v1/drops/a-drop/reservations", "store"),
        ("/v1/drops/a-drop/nowhere", "store"),
    ],
)
async def test_each_path_goes_to_its_service(path, service, edge):
    async with edge.get(path) as answer:
        assert (await answer.text()).split()[0] == service


@pytest.mark.parametrize("path", ["/metrics", "//metrics", "/%6Detrics", "/./metrics", "/x/../metrics", "/metrics?a=b"])
async def test_metrics_stay_inside(path, edge, store):
    status, _, _ = await raw(edge, f"GET {path} HTTP/1.1", f"Host: {host_of(edge._base_url.port)}")
    assert status == 404
    assert not store.asked


@pytest.mark.parametrize("path", ["/x", "/v1/drops/a-drop/now", "/v1/drops/a-drop/entries"])
async def test_a_service_is_told_who_asks_by_the_edge_alone(path, edge, gate, store):
    forged = {"X-Forwarded-For": "192.0.2.7", "Marketday-Edge": "forged", "X-Forwarded-Host": "evil.example"}
    async with edge.get(path, headers={**forged, "Forwarded": "for=192.0.2.7;host=evil.example"}) as answer:
        assert answer.status == 200
    seen = store.seen or gate.seen
    assert seen["Host"] == host_of(edge._base_url.port)
    assert len(seen["X-Request-Id"]) == 32
    if path != "/v1/drops/a-drop/now":  # which is the same for everybody
        assert (seen["X-Forwarded-For"], seen["Marketday-Edge"]) == ("127.0.0.1", KEY)


async def test_a_crowd_that_has_the_key_names_its_people_and_the_key_stays_at_the_edge(edge, store):
    async with edge.get("/x", headers=from_the_crowd("192.0.2.7")) as answer:
        assert answer.status == 200
    assert store.seen["X-Forwarded-For"] == "192.0.2.7"
    assert "Marketday-Crowd" not in store.seen
    for key in ("", "wrong", CROWD[:-1]):
        async with edge.get("/x", headers={"Marketday-Crowd": key, "X-Forwarded-For": "192.0.2.7"}):
            assert store.seen["X-Forwarded-For"] == "127.0.0.1"


@pytest.mark.parametrize("callers", [Callers()])
async def test_without_a_crowd_an_empty_key_is_none(edge, store):
    for key in ("", '""', CROWD):
        async with edge.get("/x", headers={"Marketday-Crowd": key, "X-Forwarded-For": "192.0.2.7"}):
            assert store.seen["X-Forwarded-For"] == "127.0.0.1"


@pytest.mark.parametrize("callers", [Callers(proxies="127.0.0.1, 10.0.0.0/8")])
@pytest.mark.parametrize(
    ("named", "client"),
    [("192.0.2.7", "192.0.2.7"), ("6.6.6.6, 192.0.2.7, 10.1.1.1", "192.0.2.7"), ("rubbish", "127.0.0.1")],
)
async def test_a_proxy_of_the_operators_names_its_client(edge, store, named, client):
    async with edge.get("/x", headers={"X-Forwarded-For": named}) as answer:
        assert answer.status == 200
    assert store.seen["X-Forwarded-For"] == client


async def raw(edge, *lines):
    """Send a request as it stands; return its status, its head and its body."""
    reader, writer = await asyncio.open_connection("127.0.0.1", edge._base_url.port)
    writer.write("\r\n".join([*lines, "Connection: close", "", ""]).encode("latin-1"))
    head, _, body = (await reader.read()).partition(b"\r\n\r\n")
    writer.close()
    return int(head.split()[1]), head, body


@pytest.mark.parametrize(
    ("line", "host"),
    [
        ("GET /x HTTP/1.1", "evil.example"),
        ("GET /x/ HTTP/1.1", "event.localhost.evil.example:{port}"),
        ("GET /x HTTP/1.1", "event.localhost"),
        ("GET /x HTTP/1.1", "event.localhost:1"),
        ("GET /x HTTP/1.1", "event.localhost.:{port}"),
        ("GET /x HTTP/1.1", "mall.localhost:{port}"),
        ("GET /x HTTP/1.1", "127.0.0.1:{port}"),
        ("GET http://evil.example/x HTTP/1.1", "event.localhost:{port}"),
        ("GET http://event.localhost:{port}/x HTTP/1.1", "evil.example"),
        ("GET /metrics HTTP/1.1", "evil.example"),
        ("POST /x HTTP/1.1\r\nContent-Length: 0", "evil.example"),
        ("GET /x HTTP/1.0", "evil.example"),
        ("GET /v1/drops/a-drop/now HTTP/1.1", "evil.example"),
    ],
)
async def test_a_name_that_is_not_ours_is_refused(line, host, edge, gate, store):
    port = edge._base_url.port
    more = ("X-Forwarded-Host: event.localhost", f"Forwarded: host={host_of(port)}")
    status, head, body = await raw(edge, line.format(port=port), f"Host: {host.format(port=port)}", *more)
    assert (status, json.loads(body)["type"]) == (421, "urn:marketday:problem:unknown-host")
    assert b"evil" not in head + body
    assert b"Location" not in head
    assert not store.asked + gate.asked


@pytest.mark.parametrize(
    ("line", "host"),
    [
        ("GET /x HTTP/1.1", "EVENT.localhost:{port}"),
        ("GET http://event.localhost:{port}/x HTTP/1.1", "event.localhost:{port}"),
        ("GET /x HTTP/1.0", "event.localhost:{port}"),
    ],
)
async def test_our_name_is_ours_however_it_is_written(line, host, edge, store):
    port = edge._base_url.port
    status, _, _ = await raw(edge, line.format(port=port), f"Host: {host.format(port=port)}")
    assert (status, store.seen["Host"]) == (200, host_of(port))


async def test_a_crowd_that_asks_at_once_costs_the_gate_one_request(edge, gate):
    gate.slow_seconds = 0.2

    async def ask():
        async with edge.get("/v1/drops/a-drop/now") as answer:
            return await answer.text(), "Set-Cookie" in answer.headers

    answers = await asyncio.gather(*(ask() for _ in range(50)))
    assert set(answers) == {("gate 1", False)}
    assert gate.asked["/v1/drops/a-drop/now"] == 1


async def test_the_document_is_fetched_again_when_it_is_old(edge, eventually):
    async def is_second():
        async with edge.get("/v1/drops/a-drop/now") as answer:
            return await answer.text() == "gate 2"

    await eventually(is_second)


async def test_the_last_document_stands_in_while_the_gate_is_away(edge, gate, eventually):
    async def ask():
        async with edge.get("/v1/drops/a-drop/now") as answer:
            return answer.status, await answer.text()

    assert await ask() == (200, "gate 1")
    gate.status = 500

    async def asked_again_in_vain():
        assert await ask() == (200, "gate 1")
        return gate.asked["/v1/drops/a-drop/now"] >= 3

    await eventually(asked_again_in_vain)


async def test_one_address_is_held_to_its_rate_and_no_other(edge):
    async def ask(address):
        async with edge.get("/x", headers=from_the_crowd(address)) as answer:
            return answer.status, answer.content_type, await answer.read(), answer.headers.get("Retry-After")

    answers = [await ask("192.0.2.1") for _ in range(30)]
    refused = [answer for answer in answers if answer[0] == 429]
    assert answers[0][0] == 200
    assert refused
    _status, content_type, body, retry_after = refused[0]
    problem = json.loads(body)
    assert (content_type, retry_after) == ("application/problem+json", "1")
    assert problem["type"] == "urn:marketday:problem:too-many-requests"
    assert problem["detail"] == "expected at most 2 a second"
    assert problem["instance"].startswith("urn:marketday:request:")
    assert (await ask("192.0.2.2"))[0] == 200


@pytest.mark.parametrize(
    ("request_line", "is_counted"),
    [
        ("GET /v1/drops/a-drop/now", False),
        ("HEAD /v1/drops/a-drop/now?x=1", False),
        ("POST /v1/drops/a-drop/now", True),
        ("GET /v1/drops/another/now", True),
        ("GET /v1/drops/x/../a-drop/now", False),
        ("GET /v1//drops/a-drop/now", False),
        ("GET /v1/drops/a-dro%70/now", False),
    ],
)
async def test_only_the_document_that_all_who_wait_ask_for_is_not_counted(edge, request_line, is_counted):
    host = {"Host": host_of(edge._base_url.port), **from_the_crowd("192.0.2.1")}
    lines = [f"{request_line} HTTP/1.1", *(f"{name}: {value}" for name, value in host.items()), "Content-Length: 0"]
    statuses = {(await raw(edge, *lines))[0] for _ in range(30)}
    assert statuses == ({200, 429} if is_counted else {200})


@pytest.mark.parametrize("form", ["/v1/drops/x/../a-drop/now", "/v1//drops/a-drop/now", "/v1/drops/a-dro%70/now"])
async def test_no_other_form_of_its_path_can_put_another_answer_in_the_place_of_the_document(edge, gate, form):
    host = {"Host": host_of(edge._base_url.port), **from_the_crowd("192.0.2.1")}
    await raw(edge, f"GET {form} HTTP/1.1", *(f"{name}: {value}" for name, value in host.items()))
    assert set(gate.asked) == {"/v1/drops/a-drop/now"}


async def test_a_body_that_is_too_large_is_refused_before_the_service(edge, store):
    async with edge.post("/v1/drops/a-drop/reservations", data=b"x" * LARGEST_EVENT_BODY) as answer:
        assert answer.status == 200
    async with edge.post("/v1/drops/a-drop/reservations", data=b"x" * (LARGEST_EVENT_BODY + 1)) as answer:
        assert (answer.status, answer.content_type) == (413, "application/problem+json")
        assert (await answer.json())["type"] == "urn:marketday:problem:body-too-large"
    assert [len(body) for body in store.bodies] == [LARGEST_EVENT_BODY]


@pytest.mark.parametrize(
    ("request_line", "headers", "status", "slug"),
    [
        ("GET /x", {"X-Long": "x" * 20_000}, 431, "headers-too-large"),
        ("FOO /x", {}, 405, "method-not-allowed"),
        ("TRACE /x", {}, 405, "method-not-allowed"),
        ("GET /\xff", {}, 400, "bad-request"),
        ("GET /x?\xff", {}, 400, "bad-request"),
        ("GET /%00", {}, 400, "bad-request"),
        ("GET /%zz", {}, 400, "bad-request"),
        ("GET /../x", {}, 400, "bad-request"),
        ("get /x", {}, 400, "bad-request"),
        ("CONNECT /x", {}, 400, "bad-request"),
        ("GET /" + "x" * 20_000, {}, 414, "address-too-long"),
        ("GET /x", {"Host": "a b"}, 400, "bad-request"),
        ("POST /x", {"Transfer-Encoding": "gzip"}, 400, "bad-request"),
        ("POST /x", {"Content-Length": "-1"}, 400, "bad-request"),
        ("GET /metrics", {}, 404, "not-found"),
        ("GET /metrics%0A", {}, 400, "bad-request"),  # a service would read it as /metrics
        ("GET /v1/drops/a-drop/now%0a", {}, 400, "bad-request"),
        ("GET /x%7F", {}, 400, "bad-request"),
    ],
)
async def test_what_nginx_refuses_by_itself_is_a_problem_document_too(
    request_line, headers, status, slug, edge, gate, store
):
    sent = {"Host": host_of(edge._base_url.port), **headers}
    answered, head, body = await raw(edge, f"{request_line} HTTP/1.1", *(f"{name}: {sent[name]}" for name in sent))
    assert b"Content-Type: application/problem+json" in head
    problem = json.loads(body)
    assert (answered, problem["status"]) == (status, status)
    assert problem["type"] == f"urn:marketday:problem:{slug}"
    assert (b"Allow: GET" in head) == (status == 405)
    assert not store.asked
    assert not gate.asked


async def test_whoever_asks_for_the_head_of_a_page_gets_it(edge, store):
    async with edge.head("/x") as answer:
        assert (answer.status, await answer.read()) == (200, b"")
    assert store.asked["/x"] == 1


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_a_program_gets_a_problem_document_while_the_store_is_away(method, edge, store):
    await store.stop()
    async with edge.request(method, "/v1/drops/a-drop/reservations") as answer:
        assert (answer.status, answer.content_type) == (503, "application/problem+json")
        assert answer.headers["Retry-After"] == "2"
        problem = await answer.json()
        assert problem["type"] == "urn:marketday:problem:unavailable"


@pytest.mark.parametrize(
    ("headers", "language", "retry"),
    [
        ({}, "ko", "다시 시도"),
        ({"Accept-Language": "en-GB,en"}, "en", "Try again"),
        ({"Accept-Language": "zh-CN", "Cookie": "lang=ja"}, "ja", "もう一度試す"),
    ],
)
async def test_a_browser_gets_a_page_while_the_store_is_away(headers, language, retry, edge, store):
    await store.stop()
    async with edge.get("/drops/a-drop", headers={"Accept": "text/html,*/*", **headers}) as answer:
        assert (answer.status, answer.content_type) == (503, "text/html")
        page = await answer.text()
        assert f'lang="{language}"' in page
        assert retry in page


async def test_what_a_service_says_itself_goes_through(edge, store):
    store.status = 503
    async with edge.get("/v1/x") as answer:
        assert (answer.status, await answer.text()) == (503, "store 1")


async def test_the_log_is_json_and_names_nobody(edge, plane_path, eventually):
    for _ in range(2):  # the second answer is from the cache: it is not logged
        async with edge.get("/v1/drops/a-drop/now") as answer:
            assert answer.status == 200
    async with edge.get("/v1/x?email=a@b.example", headers=from_the_crowd("192.0.2.9")) as answer:
        assert answer.status == 200
    log = plane_path / "nginx" / "access.log"
    await eventually(lambda: len(log.read_text().splitlines()) == 2)
    text = log.read_text()
    document, line = map(json.loads, text.splitlines())
    assert (document["path"], document["cache"]) == ("/v1/drops/a-drop/now", "MISS")
    assert (line["path"], line["status"]) == ("/v1/x", 200)
    assert line["seconds"] >= 0
    assert "192.0.2.9" not in text
    assert "example" not in text
