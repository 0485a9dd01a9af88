"""People from a file: tab-separated values, the first line names the fields."""

from collections.abc import Iterator
from itertools import islice, repeat
from pathlib import Path

Fields = dict[bytes, bytes]


def read_people(file: str | None, most: int | None, share: tuple[int, int]) -> Iterator[Fields]:
    """Return each person of a process's share once; without a file, nobody in particular, for ever."""
    if file is None:
        return repeat({})
    head, *lines = Path(file).read_bytes().splitlines()
    names = head.split(b"\t")
    number, processes = share
    mine = islice(lines, number, most, processes)
    return (dict(zip(names, line.split(b"\t"), strict=True)) for line in mine)
