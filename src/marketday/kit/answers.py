"""Read an answer of a foreign server only up to a size, because an endless one would fill our memory."""

import aiohttp


async def read_at_most(answer: aiohttp.ClientResponse, most: int) -> bytes:
    """Return the body of `answer`; raises ValueError where it has more than `most` bytes."""
    data = b""
    async for chunk in answer.content.iter_any():
        data += chunk
        if len(data) > most:
            raise ValueError(f"more than {most} bytes; expected at most that")
    return data
