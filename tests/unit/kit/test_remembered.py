"""What was used lately is remembered, and no more than that."""

from marketday.kit.remembered import Remembered


def test_what_was_not_used_for_the_longest_time_is_forgotten():
    memory: Remembered[str, int] = Remembered(most=2)
    memory.keep("a", 1)
    memory.keep("b", 2)
    assert memory.get("a") == 1
    memory.keep("c", 3)
    assert [memory.get(key) for key in "abc"] == [1, None, 3]


def test_a_new_value_takes_the_place_of_the_old_one():
    memory: Remembered[str, int] = Remembered(most=2)
    for value in range(5):
        memory.keep("a", value)
    memory.keep("b", 9)
    assert [memory.get(key) for key in "ab"] == [4, 9]


def test_a_value_can_be_forgotten():
    memory: Remembered[str, int] = Remembered(most=2)
    memory.keep("a", 1)
    memory.forget("a")
    memory.forget("a")
    assert memory.get("a") is None
