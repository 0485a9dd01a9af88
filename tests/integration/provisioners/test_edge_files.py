"""Files at the edge: each is asked from its service once, and sent to everybody from the cache."""

import asyncio
from collections import Counter

import aiohttp
import pytest
from aiohttp import web
from tests.conftest import running

from marketday.provisioners.local.callers import Callers
from marketday.provisioners.local.nginx import EVENT_HOST, FILES_A_REQUEST, MALL_HOST, Edge
from marketday.provisioners.local.ports import free_ports
from marketday.web.files import FOREVER

KEY, CROWD = "e" * 64, "c" * 64
EVENT = ("/drops/a-drop/pictures/0123.png", "/static/0123/layout/base.css")
MALL = ("/media/0123/toner.svg", "/static/0123/layout/base.css")
PERSON = {"Cookie": "session=secret", "Authorization": "Bearer secret", "Accept-Encoding": "identity"}


class Service:
    """Gate, store and mall in one: it answers slowly, and counts who asks."""

    def __init__(self):
        self.asked, self.seen, self.kept = Counter(), {}, FOREVER

    async def answer(self, request):
        self.asked[request.path] += 1
        self.seen = request.headers
        await asyncio.sleep(0.2)
        headers = {"Cache-Control": self.kept, "Set-Cookie": "a=b", "ETag": '"abc"', "Vary": "Cookie"}
        return web.Response(text=f"answer {self.asked[request.path]}", headers=headers)

    async def start(self):
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self.answer)
        self.runner = web.AppRunner(app)
        await self.runner.setup()
        site = web.TCPSite(self.runner, "127.0.0.1", port := free_ports(1)[0])
        await site.start()
        return port


@pytest.fixture
async def service():
    started = Service()
    started.port = await started.start()
    yield started
    await started.runner.cleanup()


def event(edge, port):
    return EVENT_HOST, edge.write_event("a-drop", gates=[port], stores=[port], requests_per_second=2)


def mall(edge, port):
    return MALL_HOST, edge.write_mall(mall=port, console=port, console_port=free_ports(1)[0])


@pytest.fixture
async def ask(request, plane_path, service):
    port = free_ports(1)[0]
    host, spec = request.param(Edge(plane_path / "nginx", port, KEY, Callers(crowd_key=CROWD)), service.port)

    async def ask(path, number=1, **headers):
        person = {"Marketday-Crowd": CROWD, "X-Forwarded-For": f"192.0.2.{number}"}
        async with session.get(path, headers=person | headers) as answer:
            return answer.status, await answer.text(), answer.headers

    with running(spec, plane_path):
        async with aiohttp.ClientSession(f"http://127.0.0.1:{port}", headers={"Host": f"{host}:{port}"}) as session:
            yield ask


@pytest.mark.parametrize(
    ("ask", "path"), [*((event, path) for path in EVENT), *((mall, path) for path in MALL)], indirect=["ask"]
)
async def test_fifty_people_at_once_cost_the_service_one_request(ask, path, service):
    answers = await asyncio.gather(*(ask(f"{path}?{number}", number, **PERSON) for number in range(50)))
    assert {(status, text, headers["Cache-Control"]) for status, text, headers in answers} == {
        (200, "answer 1", FOREVER)
    }
    assert not [headers for _, _, headers in answers if "Set-Cookie" in headers]
    assert service.asked == {path: 1}
    assert not {"Cookie", "Authorization"} & set(service.seen)
    assert (await ask(path, **{"If-None-Match": '"abc"'}))[:2] == (304, "")
    await service.runner.cleanup()
    assert (await ask(path))[:2] == (200, "answer 1"), "the edge has it, also while its service is away"


@pytest.mark.parametrize(("ask", "path"), [(event, EVENT[0]), (event, EVENT[1]), (mall, MALL[0])], indirect=["ask"])
async def test_what_its_service_does_not_allow_to_be_kept_is_asked_for_each_time(ask, path, service):
    service.kept = "no-store"
    for number in (1, 2):
        assert (await ask(path))[1] == f"answer {number}"


@pytest.mark.parametrize("ask", [event], indirect=True)
async def test_one_address_gets_more_files_than_pages_and_not_any_number(ask):
    files = await asyncio.gather(*(ask(EVENT[0]) for _ in range(300)))
    refused = [text for status, text, _ in files if status == 429]
    assert len(files) - len(refused) >= 100
    assert refused
    assert f"expected at most {2 * FILES_A_REQUEST} a second" in refused[0]
    status, text, _ = await ask("/x")
    assert (status, text) == (200, "answer 1"), "files and pages are counted apart"
