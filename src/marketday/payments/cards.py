"""The ways to pay: the four cards of the sandbox (`web/sandbox.py`). The name of each shows what will happen."""

from typing import Literal, get_args

Card = Literal["card_ok", "card_declined", "card_timeout", "card_late"]
CARDS: tuple[Card, ...] = get_args(Card)
