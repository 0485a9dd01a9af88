from collections import Counter

from marketday.crowd.habits import Card, Leaves, draw_habits


def test_a_person_is_the_same_whenever_the_day_is_played() -> None:
    assert draw_habits(1, 17, 2) == draw_habits(1, 17, 2)
    assert draw_habits(1, 17, 2) != draw_habits(2, 17, 2)


def test_a_crowd_has_people_of_every_kind() -> None:
    crowd = [draw_habits(5, number, 3) for number in range(2000)]

    assert {person.leaves for person in crowd} == set(Leaves)
    assert {card for person in crowd for card in person.cards} == set(Card)
    assert {person.quantity for person in crowd} == {1, 2, 3}
    for trait in ("reloads", "presses_twice", "wants_too_many", "mischief"):
        assert Counter(getattr(person, trait) for person in crowd)[True] > 0


def test_hurry_shortens_every_pause() -> None:
    slow, fast = draw_habits(5, 1, 2), draw_habits(5, 1, 2, hurry=0.5)

    assert fast.browse_seconds == slow.browse_seconds / 2
    assert fast.checkout_seconds == slow.checkout_seconds / 2
    assert fast.patience_seconds == slow.patience_seconds / 2
