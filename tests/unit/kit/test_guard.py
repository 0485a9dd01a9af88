import struct

import pytest

from marketday.kit import guard
from marketday.kit.guard import Frames, Overreach


def message(kind, body=b""):
    return kind + struct.pack("!i", len(body) + 4) + body


def take(data, piece):
    frames = Frames()
    for at in range(0, len(data), piece):
        frames.take(data[at : at + piece])


USUAL = b"".join(
    [
        message(b"R", struct.pack("!i", 11) + b"r=abc,s=c2FsdA==,i=4096"),
        message(b"R", struct.pack("!i", 0)),
        message(b"S", b"a\0b\0"),
        message(b"Z", b"I"),
        *[message(b"D", b"x" * 900) + message(b"s") for _ in range(20)],
        *[message(b"d", b"x" * 900) for _ in range(20)],
        message(b"1"),
        message(b"Z", b"I"),
    ]
)


@pytest.mark.parametrize("piece", [1, 3, 7, 1000, 100_000])
def test_what_a_server_usually_says_passes_in_any_pieces(monkeypatch, piece):
    monkeypatch.setattr(guard, "LARGEST_ANSWER", 2000)
    take(USUAL, piece)


@pytest.mark.parametrize("piece", [1, 3, 7, 1000, 100_000])
@pytest.mark.parametrize(
    "said",
    [
        message(b"R", struct.pack("!i", 11) + b"r=abc,s=c2FsdA==,i=100001"),
        message(b"R", struct.pack("!i", 11) + b"i=1,r=abc,s=c2FsdA==,i=2000000000,i=1"),
        message(b"R", b"x" * 70_000),
        message(b"E", b"x" * 70_000),
        message(b"D", b"x" * 900) * 3,
        message(b"N", b"x" * 900) * 3,
        b"d" + struct.pack("!i", 2**31 - 1),
        b"d" + struct.pack("!i", -1),
    ],
    ids=range(8),
)
def test_what_is_too_much_does_not(monkeypatch, piece, said):
    monkeypatch.setattr(guard, "LARGEST_ANSWER", 2000)
    with pytest.raises(Overreach):
        take(said, piece)
