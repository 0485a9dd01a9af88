import asyncio

import pytest

from marketday.kit.turns import TooManyWaiting, Turns


class Silence(Exception):
    pass


async def ask(turns, answer):
    async with turns.turn():
        if isinstance(answer, Exception):
            raise answer
        return await answer if asyncio.iscoroutine(answer) else answer


async def settle():
    for _ in range(5):
        await asyncio.sleep(0)


async def test_so_many_at_a_time_and_the_others_in_their_order():
    turns, at_work, most, done = Turns(2, seconds=60), 0, 0, []

    async def work(number):
        nonlocal at_work, most
        async with turns.turn():
            at_work += 1
            most = max(most, at_work)
            await asyncio.sleep(0)
            at_work -= 1
            done.append(number)

    await asyncio.gather(*map(work, range(20)))
    assert most == 2
    assert done == list(range(20))


async def test_waiting_has_no_limit_of_time_while_answers_come(monkeypatch):
    """Forty turns of half the limit each: the last one waits for twenty times the limit."""
    loop, passed = asyncio.get_running_loop(), 0
    real_time = loop.time
    monkeypatch.setattr(loop, "time", lambda: real_time() + passed)

    async def half_an_hour(number):
        nonlocal passed
        passed += 1800
        await settle()  # whatever has reached its limit is told so here
        return number

    turns = Turns(1, seconds=3600)
    assert await asyncio.gather(*(ask(turns, half_an_hour(number)) for number in range(40))) == list(range(40))


async def test_a_turn_has_a_limit_and_a_silent_server_is_told_to_everyone_who_waits():
    turns = Turns(2, seconds=0.05)
    answers = await asyncio.gather(
        *(ask(turns, asyncio.sleep(60)) for _ in range(2)), *(ask(turns, 1) for _ in range(50)), return_exceptions=True
    )
    assert all(isinstance(answer, TimeoutError) for answer in answers)
    assert await ask(turns, 7) == 7


async def test_one_turn_without_an_answer_is_its_own_trouble_while_others_get_theirs():
    turns, free = Turns(2, seconds=60, away=(Silence,)), asyncio.Event()

    async def broken():
        await free.wait()
        raise Silence

    trouble = asyncio.create_task(ask(turns, broken()))
    await settle()
    assert await ask(turns, 1) == 1
    slow = asyncio.create_task(ask(turns, asyncio.sleep(0.01, 2)))
    waiting = asyncio.create_task(ask(turns, 3))
    await settle()
    free.set()
    with pytest.raises(Silence):
        await trouble
    assert (await slow, await waiting) == (2, 3)


async def test_more_than_may_wait_are_refused_at_once():
    turns, free = Turns(1, seconds=60, most_waiting=1), asyncio.Event()
    first = asyncio.create_task(ask(turns, free.wait()))
    await settle()
    second = asyncio.create_task(ask(turns, 2))
    await settle()
    with pytest.raises(TooManyWaiting):
        await ask(turns, 3)
    free.set()
    assert (await first, await second) == (True, 2)


@pytest.mark.parametrize("passed_on", [False, True])
async def test_whoever_goes_away_takes_no_turn_along(passed_on):
    turns = Turns(1, seconds=60)
    first = turns.turn()
    await first.__aenter__()
    gone, stays = asyncio.create_task(ask(turns, 2)), asyncio.create_task(ask(turns, 3))
    await settle()
    if passed_on:
        await first.__aexit__(None, None, None)  # its turn goes to the one that goes away now
    gone.cancel()
    if not passed_on:
        await first.__aexit__(None, None, None)
    with pytest.raises(asyncio.CancelledError):
        await gone
    assert await stays == 3
    assert await ask(turns, 4) == 4


async def test_an_error_that_is_an_answer_is_no_silence():
    turns = Turns(1, seconds=60)
    with pytest.raises(ValueError, match="no"):
        await ask(turns, ValueError("no"))
    assert await ask(turns, 5) == 5
