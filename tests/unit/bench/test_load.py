"""The load client: what it sends, what it counts, and that a slow server does not slow down what is due."""

import asyncio
import json
import time
from itertools import repeat

import pytest
from bench.load.connection import Connection
from bench.load.crew import Crew
from bench.load.people import read_people
from bench.load.plan import Load, Step, template
from bench.load.seen import Latencies, Seen, together

STEP = Step("join", "POST", "/v1/{drop}/100%", {"Authorization": "Bearer {token}"}, {"quantity": 1}, expects=(201,))


def test_a_plan_travels_as_json():
    load = Load(8080, (STEP,), 64, 1.5, people="people.tsv", rate=10.0, share=(1, 2), cores=(0,), nice=3)
    assert Load.from_json(load.to_json()) == load


def test_a_request_has_the_fields_of_its_person():
    request = template(STEP, "event.localhost") % {b"drop": b"dawn", b"token": b"secret"}
    head, _, body = request.partition(b"\r\n\r\n")
    assert head.split(b"\r\n") == [
        b"POST /v1/dawn/100% HTTP/1.1",
        b"Host: event.localhost",
        b"Authorization: Bearer secret",
        b"Content-Type: application/json",
        b"Content-Length: 15",
    ]
    assert json.loads(body) == {"quantity": 1}


def test_a_percentile_is_right_to_a_part_in_a_thousand():
    latencies = Latencies()
    for number in range(1, 10_001):
        latencies.add(number / 1000)
    assert latencies.answers == 10_000
    for share in (0.5, 0.95, 0.99, 1.0):
        assert latencies.percentile(share) == pytest.approx(share * 10_000, rel=0.001)
    assert Latencies().percentile(0.99) == 0


def test_what_several_processes_saw_is_added_up():
    parts = []
    for people in (5, 7):
        step = Latencies()
        step.add(people / 1000)
        step.errors[503] += 1
        whole = Latencies(step.counts.copy())
        parts.append(Seen(2.0, {"join": step}, whole, cpu_seconds=1.0, people=people, finished=1))
    seen = together(Seen.from_document(json.loads(json.dumps(part.to_document()))) for part in parts)
    assert (seen.rate, seen.cpu_seconds, seen.finished) == (1.0, 2.0, 2)
    assert seen.errors == {503: 2}
    assert seen.people == 10  # so many from the beginning of the file, in turn


def test_each_person_comes_once(tmp_path):
    file = tmp_path / "people.tsv"
    file.write_text("person\ttoken\n" + "".join(f"{number}\tt{number}\n" for number in range(10)))
    shares = [list(read_people(str(file), 7, (number, 2))) for number in range(2)]
    assert [one[b"person"] for one in shares[0]] == [b"0", b"2", b"4", b"6"]
    assert [one[b"person"] for one in shares[1]] == [b"1", b"3", b"5"]
    assert shares[0][1] == {b"person": b"2", b"token": b"t2"}


class Listener:
    def __init__(self):
        self.answers = []
        self.opened = self.closed = lambda _: None

    def answered(self, _, status, body):
        self.answers.append((status, body))


@pytest.mark.parametrize("name", [b"Content-Length", b"content-length"])
def test_an_answer_is_read_also_in_pieces(name):
    listener = Listener()
    connection = Connection(listener)
    whole = b"HTTP/1.1 201 Created\r\n" + name + b": 2\r\n\r\nok"
    for at in range(len(whole)):
        connection.data_received(whole[at : at + 1])
    connection.data_received(whole)
    assert listener.answers == [(201, b"ok")] * 2


def test_an_answer_that_it_cannot_read_is_an_error():
    with pytest.raises(ValueError, match="without Content-Length"):
        Connection(Listener()).data_received(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")


async def served(answer, plan, people=None):
    """Give the plan to a crew whose server lets `answer` write to each request."""

    async def serve(reader, writer):
        while head := await reader.readuntil(b"\r\n\r\n"):
            await answer(head, writer)

    async def quietly(reader, writer):
        try:
            await serve(reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(quietly, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        crew = Crew(Load(port=port, **plan), people or repeat({}))
        await crew.connect()
        seen = await crew.run(time.perf_counter())
        await crew.close()
    return seen


GOOD = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
LOOK = (Step("look", "GET", "/"),)


async def test_a_latency_counts_from_when_a_request_was_due():
    """A server that stops for a moment is blamed by everyone who came meanwhile, not only by who was being served."""
    stops = asyncio.Lock()
    stalled = []

    async def answer(_, writer):
        async with stops:
            if not stalled:
                stalled.append(time.perf_counter())
                await asyncio.sleep(0.3)
            writer.write(GOOD)

    plan = {"steps": LOOK, "connections": 2, "seconds": 0.5, "settle_seconds": 0.0, "rate": 200.0}
    seen = await served(answer, plan)
    assert seen.whole.answers == 100
    slow = sum(count for micros, count in seen.whole.counts.items() if micros > 100_000)
    assert slow >= 40  # those due in the first 0.2 s, though only two connections waited for an answer


async def test_closed_and_with_errors():
    async def answer(head, writer):
        writer.write(GOOD if b"/good" in head else b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n")

    plan = {"connections": 3, "seconds": 0.1, "settle_seconds": 0.0}
    good = await served(answer, {**plan, "steps": (Step("good", "GET", "/good"),)})
    assert good.finished == good.people >= 3
    assert not good.errors
    half = await served(answer, {**plan, "steps": (Step("good", "GET", "/good"), Step("bad", "GET", "/bad"))})
    assert half.finished == 0
    assert half.errors == {503: half.people}


async def test_a_broken_connection_is_an_error_and_is_replaced():
    async def answer(_, writer):
        writer.close()

    seen = await served(answer, {"steps": LOOK, "connections": 1, "seconds": 0.2, "settle_seconds": 0.0, "rate": 50.0})
    assert seen.errors == {0: 10}


async def test_a_load_whose_people_ran_out_lasted_until_its_last_answer():
    async def answer(_, writer):
        await asyncio.sleep(0.05)
        writer.write(GOOD)

    plan = {"steps": LOOK, "connections": 2, "seconds": 30.0, "settle_seconds": 0.0}
    seen = await served(answer, plan, iter([{}, {}, {}]))
    assert seen.ran_out
    assert seen.whole.answers == 3
    assert 0.1 <= seen.seconds < 30
