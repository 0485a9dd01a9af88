import struct

import pytest

from marketday.gameday.resolver import answer_to

NAME = "payments.localhost"


def query(name: str, kind: int = 1, questions: int = 1) -> bytes:
    labels = b"".join(bytes([len(part)]) + part.encode() for part in name.split("."))
    return struct.pack(">HHHHHH", 7, 0x0100, questions, 0, 0, 0) + labels + b"\0" + struct.pack(">HH", kind, 1)


@pytest.mark.parametrize(
    ("name", "kind", "code", "answers"),
    [(NAME, 1, 0, 1), (NAME.upper(), 1, 0, 1), (NAME, 28, 0, 0), ("mall.localhost", 1, 3, 0), ("", 1, 3, 0)],
)
def test_the_name_is_this_machine_and_nothing_else_exists(name: str, kind: int, code: int, answers: int):
    answer = answer_to(query(name, kind), NAME)
    assert answer is not None
    number, flags, _, count, *_ = struct.unpack_from(">HHHHHH", answer)
    assert (number, flags & 0xF, count) == (7, code, answers)
    assert answer.endswith(bytes([127, 0, 0, 1])) == (answers == 1)


@pytest.mark.parametrize("packet", [b"", b"x", query(NAME)[:20], query(NAME, questions=2)])
def test_what_is_no_query_gets_no_answer(packet: bytes):
    assert answer_to(packet, NAME) is None
