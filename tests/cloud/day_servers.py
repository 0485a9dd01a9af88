"""The servers of a day on AWS, on this machine: what ECS, RDS, ElastiCache and the edge would run, and the gateway.

Gate, store, worker, sandbox, PostgreSQL and Valkey are the real ones. Stand-ins are: a small proxy for CloudFront and
the load balancer, another for RDS's TLS, and two ways that lead nowhere while there is no link, for its routes.
"""

import asyncio
import ipaddress
import json
import re
import ssl
import struct
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import aiohttp
from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from marketday.accounts.tokens import SigningKey, public_jwks
from marketday.apps import gate, sandbox, store, worker
from marketday.provisioners.local.ports import free_ports
from marketday.provisioners.terraform.surroundings import PROOF_HEADER
from marketday.testing.serving import served
from marketday.testing.wire import TcpProxy

LOOPBACK = "127.0.0.1"
MERCHANT_KEY = "the-key-of-the-merchant"
PROOF = "a-proof-of-this-environment"
_TO_GATE = re.compile(r"/v1/drops/[^/]+/(entries|admissions|now)")
_SSL_REQUEST = struct.pack("!ii", 8, 80877103)  # PostgreSQL's protocol, section 54.7


@dataclass
class Servers:
    """What runs, and the ways to it. `link` is called when the link is built (True) and when it is removed."""

    database: str  # the drop's database as its owner, without TLS: only the services in the event plane use it
    gateway_url: str
    public_url: str
    ways: list[TcpProxy] = field(default_factory=list)  # to the database with TLS, and to the cache
    ca_pem: str = ""
    requests: list[tuple[str, bool]] = field(default_factory=list)  # paths at the edge, and whether each had the proof

    def link(self, *, built: bool) -> None:
        """Let the prod plane reach the database and the cache, or drop everything that it sends."""
        for way in self.ways:
            if built:
                way.heal()
            else:
                way.fall_silent()
                way.reset()


@asynccontextmanager
async def day_servers(
    folder: Path, key: SigningKey, mall_url: str, urls: dict[str, str], valkey_url: str
) -> AsyncIterator[Servers]:
    """Serve a day; `urls` are of the drop's database, by role. There is no link yet."""
    jwks, admission = folder / "jwks.json", "ab" * 32
    jwks.write_text(json.dumps(public_jwks(key, mall_url)))
    edge_port, gate_port, store_port, worker_port, sandbox_port = free_ports(5)
    public_url, gateway_url = f"http://{LOOPBACK}:{edge_port}", f"http://{LOOPBACK}:{sandbox_port}"
    common = {"jwks_file": jwks, "public_url": public_url, "mall_url": mall_url, "admission_key": admission}
    pays = {"gateway_url": gateway_url, "gateway_key": MERCHANT_KEY}
    books = sandbox.Settings(port=sandbox_port, database_file=folder / "books.sqlite", gateway_key=MERCHANT_KEY)
    of_gate = gate.Settings(port=gate_port, valkey_url=valkey_url, **common)
    of_store = store.Settings(port=store_port, database_url=urls["store"], **pays, **common)
    of_worker = worker.Settings(port=worker_port, database_url=urls["worker"], valkey_url=valkey_url, **pays)
    servers = Servers(urls["owner"], gateway_url, public_url)
    async with AsyncExitStack() as running:
        for module, settings in ((sandbox, books), (gate, of_gate), (store, of_store), (worker, of_worker)):
            await running.enter_async_context(served(module.create_app(settings), settings.port))
        await running.enter_async_context(_edge(servers, edge_port, gate_port, store_port))
        tls_port, servers.ca_pem = await running.enter_async_context(_with_tls(folder, urls["owner"]))
        for url in (f"postgresql://{LOOPBACK}:{tls_port}", valkey_url):
            way = TcpProxy(url)
            await running.enter_async_context(way.listening())
            servers.ways.append(way)
        servers.link(built=False)
        yield servers


@asynccontextmanager
async def _edge(servers: Servers, port: int, gate_port: int, store_port: int) -> AsyncIterator[None]:
    async with aiohttp.ClientSession() as session:

        async def pass_on(request: web.Request) -> web.Response:
            servers.requests.append((request.path, request.headers.get(PROOF_HEADER) == PROOF))
            behind = gate_port if _TO_GATE.fullmatch(request.path) else store_port
            async with session.request(
                request.method,
                f"http://{LOOPBACK}:{behind}{request.rel_url}",
                headers=request.headers,
                data=await request.read(),
                allow_redirects=False,
            ) as answer:
                kind = answer.headers.get("Content-Type", "application/json")
                return web.Response(status=answer.status, body=await answer.read(), headers={"Content-Type": kind})

        app = web.Application()
        app.router.add_route("*", "/{path:.*}", pass_on)
        runner = web.AppRunner(app)
        await runner.setup()
        await web.TCPSite(runner, LOOPBACK, port).start()
        try:
            yield
        finally:
            await runner.cleanup()


@asynccontextmanager
async def _with_tls(folder: Path, database_url: str) -> AsyncIterator[tuple[int, str]]:
    """Speak TLS before a PostgreSQL that was built without it; yield the port, and the authority's certificate."""
    far, (context, ca_pem) = urlsplit(database_url), _certificate(folder)

    async def meet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError, asyncio.IncompleteReadError):
            if await reader.readexactly(8) == _SSL_REQUEST:  # without TLS nobody is let in
                writer.write(b"S")
                await writer.start_tls(context)
                behind, onward = await asyncio.open_connection(far.hostname, far.port)
                await asyncio.wait(
                    [asyncio.ensure_future(_pass(reader, onward)), asyncio.ensure_future(_pass(behind, writer))],
                    return_when=asyncio.FIRST_COMPLETED,
                )
                onward.close()
        writer.close()

    server = await asyncio.start_server(meet, LOOPBACK, 0)
    try:
        yield server.sockets[0].getsockname()[1], ca_pem
    finally:
        server.close()


async def _pass(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while portion := await reader.read(65536):
            writer.write(portion)
            await writer.drain()


def _certificate(folder: Path) -> tuple[ssl.SSLContext, str]:
    """Return a server's TLS context for the loopback address, and the certificate that signed it: its own."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "a database")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(LOOPBACK))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = certificate.public_bytes(serialization.Encoding.PEM).decode()
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    file = folder / "database.pem"
    file.write_text(private + pem)
    context.load_cert_chain(file)
    return context, pem
