import asyncio
from collections.abc import Sequence

import pytest

from marketday.drops.errors import StoreFault, StoreUnavailable
from marketday.kit.batching import MicroBatch


class Decider:
    """Doubles numbers; can be held at work, refuses batches with a bad number, and remembers what it was asked."""

    def __init__(self, bad: int | None = None, fault: type[Exception] = ValueError) -> None:
        self.fault = fault
        self.batches: list[list[int]] = []
        self.free = asyncio.Event()
        self.free.set()
        self.bad = bad
        self.away = False

    async def __call__(self, numbers: Sequence[int]) -> list[int]:
        self.batches.append(list(numbers))
        await self.free.wait()
        if self.away:
            raise StoreUnavailable("away")
        if self.bad in numbers:
            raise self.fault(f"{self.bad} is bad")
        return [2 * number for number in numbers]


async def test_what_comes_together_is_decided_together_in_order_of_arrival():
    decide = Decider()
    batch = MicroBatch(decide, unavailable=StoreUnavailable)
    assert await asyncio.gather(*map(batch.ask, range(5))) == [0, 2, 4, 6, 8]
    assert decide.batches == [[0, 1, 2, 3, 4]]


async def test_a_request_that_comes_alone_is_decided_at_once():
    """No timer, however short: after a few rounds of the loop it has its answer."""
    decide = Decider()
    batch = MicroBatch(decide, unavailable=StoreUnavailable)
    alone = asyncio.create_task(batch.ask(1))
    for _ in range(5):
        await asyncio.sleep(0)
    assert alone.done()
    assert await alone == 2


async def test_what_comes_while_one_batch_is_at_work_is_the_next_one():
    decide = Decider()
    decide.free.clear()
    batch = MicroBatch(decide, unavailable=StoreUnavailable)
    first = asyncio.create_task(batch.ask(1))
    while not decide.batches:
        await asyncio.sleep(0)
    later = [asyncio.create_task(batch.ask(number)) for number in (2, 3)]
    await asyncio.sleep(0)
    decide.free.set()
    assert await asyncio.gather(first, *later) == [2, 4, 6]
    assert decide.batches == [[1], [2, 3]]


async def test_a_batch_has_a_largest_size():
    decide = Decider()
    batch = MicroBatch(decide, unavailable=StoreUnavailable, largest=2)
    await asyncio.gather(*map(batch.ask, range(5)))
    assert decide.batches == [[0, 1], [2, 3], [4]]


@pytest.mark.parametrize("fault", [ValueError, StoreFault], ids=["error", "temporary"])
async def test_one_requests_failure_stays_its_own(fault: type[Exception]):
    """Also a temporary one: only that the database is unavailable is a reason to ask it no more."""
    batch = MicroBatch(Decider(bad=2, fault=fault), unavailable=StoreUnavailable)
    answers = await asyncio.gather(*map(batch.ask, range(4)), return_exceptions=True)
    assert [answers[0], answers[1], answers[3]] == [0, 2, 6]
    assert isinstance(answers[2], fault)


async def test_nobody_waits_for_ever_for_a_decision_that_was_interrupted():
    decide = Decider()
    decide.free.clear()
    batch = MicroBatch(decide, unavailable=StoreUnavailable)
    asked = asyncio.gather(*map(batch.ask, (1, 2)), return_exceptions=True)
    while not decide.batches:
        await asyncio.sleep(0)
    assert batch._running is not None
    batch._running.cancel()
    assert [type(answer) for answer in await asked] == [StoreUnavailable] * 2
    decide.free.set()
    assert await batch.ask(3) == 6


async def test_a_client_that_went_away_harms_nobody():
    decide = Decider()
    decide.free.clear()
    batch = MicroBatch(decide, unavailable=StoreUnavailable)
    early = asyncio.create_task(batch.ask(1))
    gone_before, stays = asyncio.create_task(batch.ask(2)), asyncio.create_task(batch.ask(3))
    await asyncio.sleep(0)
    gone_before.cancel()
    while not decide.batches:
        await asyncio.sleep(0)
    early.cancel()  # while its answer is being made
    decide.free.set()
    assert await stays == 6
    assert decide.batches == [[1, 3]]
    assert await batch.ask(4) == 8


async def test_a_database_that_is_away_is_not_asked_again_one_by_one():
    decide = Decider()
    decide.away = True
    batch = MicroBatch(decide, unavailable=StoreUnavailable)
    answers = await asyncio.gather(*map(batch.ask, range(4)), return_exceptions=True)
    assert all(isinstance(answer, StoreUnavailable) for answer in answers)
    assert len(decide.batches) == 1
    decide.away = False
    assert await batch.ask(5) == 10


async def test_too_many_are_refused_at_once():
    decide = Decider()
    decide.free.clear()
    batch = MicroBatch(decide, unavailable=StoreUnavailable, largest=1, most_waiting=2)
    waiting = [asyncio.create_task(batch.ask(number)) for number in (1, 2)]
    await asyncio.sleep(0)
    with pytest.raises(StoreUnavailable, match="too many"):
        await batch.ask(3)
    decide.free.set()
    assert await asyncio.gather(*waiting) == [2, 4]


async def test_closing_waits_for_the_answers():
    batch = MicroBatch(Decider(), unavailable=StoreUnavailable)
    asked = asyncio.create_task(batch.ask(1))
    await asyncio.sleep(0)
    await batch.close()
    assert asked.done() or await asked == 2


@pytest.mark.parametrize("bad", [0, 100, 255])
async def test_a_spoilt_batch_is_halved_until_the_guilty_request_is_alone(bad):
    decide = Decider(bad)
    batch = MicroBatch(decide, unavailable=StoreUnavailable)
    answers = await asyncio.gather(*map(batch.ask, range(256)), return_exceptions=True)
    assert [number for number, answer in enumerate(answers) if isinstance(answer, ValueError)] == [bad]
    assert len(decide.batches) <= 2 * 8 + 1


async def test_a_fault_that_meets_every_request_is_not_met_by_each_alone():
    class Broken(Decider):
        async def __call__(self, numbers: Sequence[int]) -> list[int]:
            self.batches.append(list(numbers))
            raise ValueError("everything is bad")

    decide = Broken()
    batch = MicroBatch(decide, unavailable=StoreUnavailable)
    answers = await asyncio.gather(*map(batch.ask, range(256)), return_exceptions=True)
    assert all(isinstance(answer, ValueError) for answer in answers)
    assert len(decide.batches) < 128


async def test_a_request_alone_is_asked_once_more():
    decide = Decider(bad=1)
    batch = MicroBatch(decide, unavailable=StoreUnavailable)
    with pytest.raises(ValueError, match="bad"):
        await batch.ask(1)
    assert decide.batches == [[1], [1]]


async def test_whoever_waited_too_long_is_told_so_and_the_others_are_decided():
    decide = Decider()
    decide.free.clear()
    batch = MicroBatch(decide, unavailable=StoreUnavailable, patience_seconds=0.05)
    first = asyncio.create_task(batch.ask(1))
    while not decide.batches:
        await asyncio.sleep(0)
    early = asyncio.create_task(batch.ask(2))
    await asyncio.sleep(0.1)
    late = asyncio.create_task(batch.ask(3))
    await asyncio.sleep(0)
    decide.free.set()
    assert await first == 2
    with pytest.raises(StoreUnavailable) as refusal:
        await early
    assert refusal.value.extra == {"retry_after": 1}
    assert await late == 6


async def test_an_answer_that_is_an_exception_is_raised_only_in_its_caller():
    async def decide(requests: Sequence[int]) -> list[int | Exception]:
        return [StoreUnavailable("not this one") if number == 1 else number for number in requests]

    batch = MicroBatch(decide, unavailable=StoreUnavailable)
    answers = await asyncio.gather(*(batch.ask(number) for number in range(3)), return_exceptions=True)
    assert answers[0] == 0
    assert answers[2] == 2
    assert isinstance(answers[1], StoreUnavailable)


async def test_a_silent_database_is_waited_for_once_and_not_by_each_batch():
    calls = 0

    async def decide(requests: Sequence[int]) -> list[int]:
        nonlocal calls
        calls += 1
        await asyncio.sleep(0.02)
        raise StoreUnavailable("no answer")

    batch = MicroBatch(decide, unavailable=StoreUnavailable, largest=1, patience_seconds=0.01)
    answers = await asyncio.gather(*(batch.ask(number) for number in range(9)), return_exceptions=True)
    assert all(isinstance(answer, StoreUnavailable) for answer in answers)
    assert calls == 1


async def test_after_a_rest_come_all_who_asked_meanwhile_and_closing_ends_it():
    decide = Decider()
    batch = MicroBatch(decide, unavailable=StoreUnavailable, rest_seconds=3600, patience_seconds=7200)
    assert await batch.ask(1) == 2
    later = asyncio.gather(batch.ask(2), batch.ask(3))
    await asyncio.sleep(0)
    assert decide.batches == [[1]]
    await batch.close()
    assert await later == [4, 6]
    assert decide.batches == [[1], [2, 3]]
    assert await batch.ask(4) == 8
    await batch.close()


async def test_a_rest_ends_by_itself():
    decide = Decider()
    batch = MicroBatch(decide, unavailable=StoreUnavailable, rest_seconds=0.001)
    assert [await batch.ask(number) for number in (1, 2)] == [2, 4]
