"""The draw: people who came before opening get a random order that nobody chose and everybody can compute again.

Nothing is shuffled in storage. Once the seed is public, the position of the person who came `index`-th among
`count` is `permutation(seed, index, count)`: a generalised Feistel network over Z_a x Z_b (Black & Rogaway,
"Ciphers with Arbitrary Finite Domains", CT-RSA 2002, section 5) with HMAC-SHA256 as its round function, and
cycle walking for the few numbers between `count` and `a * b`. `docs/fairness.md` shows how to check it by hand;
`web/gate/static/draw.js` computes the same in a browser. Any change in this file changes every draw.
"""

import hashlib
import hmac
from math import isqrt

SEED_BYTES = 32
ROUNDS = 10  # the number that NIST SP 800-38G requires for FF1, the best known cipher of this kind


def commitment(seed: bytes) -> bytes:
    """Return the SHA-256 of the 32-byte `seed`: published before the room opens, so that the seed is fixed by then.

    Raises:
        ValueError: `seed` is not 32 bytes long.

    """
    return hashlib.sha256(_checked(seed)).digest()


def permutation(seed: bytes, index: int, count: int) -> int:
    """Return the position, from 0, of the entry with `index` among `count` entries drawn with `seed`.

    For one seed and one count it is a bijection of 0..count-1.

    Raises:
        ValueError: `seed` is not 32 bytes long, or `index` is not in 0..count-1.

    """
    if not 0 <= index < count:
        raise ValueError(f"index {index} is outside the draw; expected 0 to {count - 1}")
    _checked(seed)
    rows = isqrt(count - 1) + 1 if count > 1 else 1
    columns = -(-count // rows)
    position = _feistel(seed, count, index, rows, columns)
    while position >= count:
        position = _feistel(seed, count, position, rows, columns)
    return position


def _checked(seed: bytes) -> bytes:
    if len(seed) != SEED_BYTES:
        raise ValueError(f"the seed has {len(seed)} bytes; expected {SEED_BYTES}")
    return seed


def _feistel(seed: bytes, count: int, number: int, rows: int, columns: int) -> int:
    left, right = number % rows, number // rows
    for turn in range(ROUNDS):
        modulus = rows if turn % 2 == 0 else columns
        left, right = right, (left + _noise(seed, count, turn, right)) % modulus
    return left + rows * right  # ROUNDS is even, so `left` is in Z_rows again


def _noise(seed: bytes, count: int, turn: int, right: int) -> int:
    message = f"marketday-draw-1:{count}:{turn}:{right}".encode()
    return int.from_bytes(hmac.digest(seed, message, "sha256")[:8], "big")
