import httpx
import pytest
from fastapi import FastAPI, Request

from marketday.web.cookies import without_escapes
from marketday.web.problems import install_problems
from marketday.web.requests import install_requests
from marketday.web.site import Site

ESCAPED = b'ad="' + rb"\"" * 3900 + b'"'


@pytest.mark.parametrize(
    ("cookies", "left"),
    [
        (b"lang=ko; session=abc-_.~", b"lang=ko; session=abc-_.~"),
        (ESCAPED, b""),
        (b"lang=ko; " + ESCAPED + b'; cart="W10="', b'lang=ko; cart="W10="'),
        (rb"a\=b;c=d", b"c=d"),
        (b"", b""),
    ],
)
def test_a_cookie_with_a_backslash_is_left_out_and_no_other(cookies: bytes, left: bytes):
    others = [(b"host", b"shop.localhost"), (b"x-path", rb"a\b")]
    assert without_escapes([*others, (b"cookie", cookies), (b"cookie", ESCAPED)]) == [
        *others,
        (b"cookie", left),
        (b"cookie", b""),
    ]


async def test_no_service_reads_a_cookie_with_a_backslash():
    """Several in one request, and several headers: each is left out, before any code of the framework."""
    app = FastAPI()
    install_problems(app)
    install_requests(app, "test", Site("http://shop.localhost"))

    @app.get("/cookies")
    async def cookies(request: Request) -> dict[str, str]:
        return dict(request.cookies)

    headers = [("Cookie", "lang=ko; " + ESCAPED.decode()), ("Cookie", r"b=\101; cart=W10")]
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://shop.localhost") as client:
        answer = await client.get("/cookies", headers=headers)
    assert answer.json() == {"lang": "ko", "cart": "W10"}
