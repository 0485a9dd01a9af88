"""Answers of somebody else's server, read only up to a size: one without an end would fill our memory."""

import aiohttp


async def read_at_most(answer: aiohttp.ClientResponse, most: int) -> bytes:
    """Return the body of `answer`; raises ValueError where it has more than `most` bytes."""
    data = b""
    async for chunk in answer.content.iter_any():
        data += chunk
        if len(data) > most:
            raise ValueError(f"more than {most} bytes; expected at most that")
    return data
