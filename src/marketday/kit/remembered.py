"""A memory of limited size, which keeps what was used lately."""

from collections import OrderedDict
from typing import Generic, TypeVar

_K = TypeVar("_K")
_V = TypeVar("_V")


class Remembered(Generic[_K, _V]):
    """Values by key; when there are too many, the one that was not used for the longest time is forgotten."""

    def __init__(self, most: int) -> None:
        """Remember at most `most` values."""
        self._most = most
        self._values: OrderedDict[_K, _V] = OrderedDict()

    def __len__(self) -> int:
        """Return how many values are remembered."""
        return len(self._values)

    def get(self, key: _K) -> _V | None:
        """Return the value of `key`, None if there is none."""
        value = self._values.get(key)
        if value is not None:
            self._values.move_to_end(key)
        return value

    def keep(self, key: _K, value: _V) -> None:
        """Remember `value`, instead of another one with the same key."""
        self._values[key] = value
        self._values.move_to_end(key)
        if len(self._values) > self._most:
            self._values.popitem(last=False)

    def forget(self, key: _K) -> None:
        """Forget the value of `key`, if there is one."""
        self._values.pop(key, None)
