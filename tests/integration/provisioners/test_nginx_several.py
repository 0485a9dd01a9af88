"""The edge before two gates and two stores: one that ends or hangs is missed by nobody, and a POST is sent again."""

import asyncio
from contextlib import AsyncExitStack

import aiohttp
import pytest
from tests.conftest import running

from marketday.provisioners.local import nginx
from marketday.provisioners.local.nginx import Edge
from marketday.provisioners.local.ports import free_ports

from .upstreams import Broken, Upstream

KEY = "e" * 64
PATHS = ["/v1/drops/a-drop/entries", "/v1/drops/a-drop/reservations", "/v1/reservations/an-id/payment"]


@pytest.fixture(autouse=True)
def limits(monkeypatch):
    """Shorten how long a process may take; an answer here needs milliseconds."""
    monkeypatch.setattr(nginx, "ANSWER_SECONDS", 2)
    monkeypatch.setattr(nginx, "PAYING_SECONDS", 2)


@pytest.fixture
async def ports():
    return free_ports(5)


@pytest.fixture
async def edge(plane_path, ports):
    port, *others = ports
    spec = Edge(plane_path / "nginx", port, KEY).write_event(
        "a-drop", gates=others[:2], stores=others[2:], requests_per_second=2
    )
    with running(spec, plane_path):
        headers = {"Host": f"event.localhost:{port}"}
        async with aiohttp.ClientSession(f"http://127.0.0.1:{port}", headers=headers, max_field_size=32_000) as session:
            yield session


@pytest.fixture
async def healthy(ports):
    """The first gate and the first store."""
    both = [Upstream("first", ports[1]), Upstream("first", ports[3])]
    for each in both:
        await each.start(each.port)
    yield both
    for each in both:
        await each.stop()


async def post(edge, path, number):
    async with edge.post(path, data=f"wish {number}") as answer:
        return answer.status, await answer.text()


@pytest.mark.parametrize("path", PATHS)
async def test_requests_are_spread(edge, healthy, ports, path):
    seconds = [Upstream("second", ports[2]), Upstream("second", ports[4])]
    for each in seconds:
        await each.start(each.port)
    answers = [await post(edge, path, number) for number in range(20)]
    assert {status for status, _ in answers} == {200}
    assert {text.split()[0] for _, text in answers} == {"first", "second"}
    for each in seconds:  # and one that ends is missed by nobody, without a pause
        await each.stop()
    answers = [await post(edge, path, number) for number in range(20)]
    assert {(status, text.split()[0]) for status, text in answers} == {(200, "first")}


@pytest.mark.parametrize("path", PATHS)
async def test_a_request_whose_process_ends_in_between_goes_whole_to_the_other(edge, healthy, ports, path):
    async with AsyncExitStack() as stack:
        dying = [await stack.enter_async_context(Broken(port, ends=True)) for port in (ports[2], ports[4])]
        answers = [await post(edge, path, number) for number in range(20)]
        assert sum(each.asked for each in dying) > 0
    assert {status for status, _ in answers} == {200}
    assert sorted(body for each in healthy for body in each.bodies) == sorted(b"wish %d" % n for n in range(20))


@pytest.mark.parametrize("path", PATHS)
async def test_one_that_hangs_costs_a_few_requests_a_wait_and_no_answer(edge, healthy, ports, path):
    async with AsyncExitStack() as stack:
        hanging = [await stack.enter_async_context(Broken(port)) for port in (ports[2], ports[4])]
        answers = await asyncio.gather(*(post(edge, path, number) for number in range(8)))  # half of them hang
        answers += [await post(edge, path, number) for number in range(100)]
        asked = sum(each.asked for each in hanging)
    assert {(status, text.split()[0]) for status, text in answers} == {(200, "first")}
    assert 0 < asked < 20  # those at once, then one a second at most


@pytest.mark.parametrize("path", PATHS)
async def test_an_answer_with_the_longest_head_is_no_failure_of_its_process(edge, healthy, path):
    for each in healthy:
        each.headers = {"Location": "/" + 8000 * "%22"}  # what the framework makes of 8,000 quotation marks
    assert [(await post(edge, path, number))[0] for number in range(5)] == [200] * 5


async def test_the_document_comes_from_the_gate_that_answers(edge, healthy, ports):
    async with Broken(ports[2]):
        for _ in range(3):
            async with edge.get("/v1/drops/a-drop/now") as answer:
                assert (answer.status, (await answer.text()).split()[0]) == (200, "first")
            async with edge.get("/v1/drops/another/now") as answer:
                assert answer.status == 200


@pytest.mark.parametrize("path", PATHS)
async def test_with_none_left_the_answer_is_that_and_the_first_that_is_back_answers(
    edge, healthy, ports, path, eventually
):
    for each in healthy:
        await each.stop()
    assert [(await post(edge, path, number))[0] for number in range(5)] == [503] * 5
    for each in healthy:
        await each.start(each.port)

    async def answered():
        return (await post(edge, path, 1))[0] == 200

    await eventually(answered)
