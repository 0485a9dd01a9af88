"""The processes of an event plane: what runs for one drop, with which settings and credentials."""

from collections.abc import Sequence
from dataclasses import dataclass

from marketday.kit.private import write_whole
from marketday.provisioners.local.bringing_up import Ground, plane_edge
from marketday.provisioners.local.callers import NOBODY, Callers
from marketday.provisioners.local.model import ProcessSpec
from marketday.provisioners.local.nginx import EVENT_HOST
from marketday.provisioners.local.ports import port_of

DATABASE = "drop"
ROLES = ("store", "worker")
PORTS = ("edge", "postgres", "valkey", "gate", "store", "worker")


@dataclass(frozen=True, slots=True)
class Given:
    """What the prod side gives an event plane when it is made; it contains no credential of the mall."""

    jwks: str  # the mall's public keys, as a JWKS document
    mall_url: str
    gateway_url: str
    callers: Callers = NOBODY


def public_url(ground: Ground) -> str:
    """Return the address that shoppers use."""
    return f"http://{EVENT_HOST}:{ground.ports['edge']}"


def role_password(ground: Ground, role: str) -> str:
    """Return the password of one of `ROLES`, which only this plane uses."""
    return ground.secrets.get(f"role-{role}")


def payment_key(ground: Ground) -> str:
    """Return this plane's own key to the payment gateway."""
    return ground.secrets.get("payments")


def event_services(ground: Ground, given: Given, database_urls: dict[str, str], rate: float) -> Sequence[ProcessSpec]:
    """Return the edge, gate, store and worker.

    `database_urls` are by role; `rate` is how many requests one address may send in a second.
    """
    jwks_file = ground.folder.path / "jwks.json"
    write_whole(jwks_file, given.jwks, group=ground.account)
    identity = {"JWKS_FILE": str(jwks_file), "PUBLIC_URL": public_url(ground), "MALL_URL": given.mall_url}
    gateway = {"GATEWAY_URL": given.gateway_url}
    admission = {"ADMISSION_KEY": ground.secrets.get("admission")}
    memory = {"VALKEY_URL": ground.valkey().url()}
    gateway_key = {"GATEWAY_KEY": payment_key(ground)}
    edge = plane_edge(ground, given.callers)
    edge_key = {"EDGE_KEY": edge.key}
    ports = ground.ports
    pays = port_of(given.gateway_url)
    return [
        edge.write_event(gate=ports["gate"], store=ports["store"], requests_per_second=rate),
        ground.service(
            "gate",
            identity,
            {**memory, **admission, **edge_key},
            walls=ground.own_walls("gate", read=[jwks_file], connect=[ports["valkey"]]),
            after=("valkey",),
        ),
        ground.service(
            "store",
            {**identity, **gateway},
            {"DATABASE_URL": database_urls["store"], **admission, **gateway_key, **edge_key},
            walls=ground.own_walls("store", read=[jwks_file], connect=[ports["postgres"], pays]),
            after=("postgres",),
        ),
        ground.service(
            "worker",
            {**gateway, "STORE_URL": f"http://127.0.0.1:{ground.ports['store']}"},
            {"DATABASE_URL": database_urls["worker"], **memory, **gateway_key},
            walls=ground.own_walls("worker", connect=[ports["postgres"], ports["valkey"], ports["store"], pays]),
            after=("postgres", "valkey"),
        ),
    ]
