"""Reads an answer of a foreign server only up to a size, because an endless answer would fill our memory."""

import aiohttp


async def read_at_most(answer: aiohttp.ClientResponse, most: int) -> bytes:
    """Return the body of `answer`; raises ValueError if it has more than `most` bytes."""
    data = b""
    async for chunk in answer.content.iter_any():
        data += chunk
        if len(data) > most:
            raise ValueError(f"the answer has more than {most} bytes; expected at most that many")
    return data
