"""The processes of an event plane: what runs for one drop, with which settings and credentials."""

from collections.abc import Sequence
from dataclasses import dataclass

from marketday.kit.private import write_whole
from marketday.provisioners.local.bringing_up import Ground, plane_edge
from marketday.provisioners.local.callers import NOBODY, Callers
from marketday.provisioners.local.counts import count_of, numbered
from marketday.provisioners.local.model import ProcessSpec
from marketday.provisioners.local.nginx import EVENT_HOST
from marketday.provisioners.local.ports import port_of

DATABASE = "drop"
_MOST_CONNECTIONS = 48  # of all stores to the database, which has 100 for everybody
_STORE_CONNECTIONS = 10


@dataclass(frozen=True, slots=True)
class Given:
    """What the prod side gives an event plane when it is made; it contains no credential of the mall."""

    jwks: str  # the mall's public keys, as a JWKS document
    mall_url: str
    gateway_url: str
    callers: Callers = NOBODY


def port_names(count: int) -> tuple[str, ...]:
    """Return the names of a plane's ports, with `count` processes of gate and as many of store."""
    return ("edge", "postgres", "valkey", *numbered("gate", count), *numbered("store", count), "worker")


def public_url(ground: Ground) -> str:
    """Return the address that shoppers use."""
    return f"http://{EVENT_HOST}:{ground.ports['edge']}"


def role_password(ground: Ground, role: str) -> str:
    """Return the password of one of the drop's services, which only this plane uses."""
    return ground.secrets.get(f"role-{role}")


def payment_key(ground: Ground) -> str:
    """Return this plane's own key to the payment gateway."""
    return ground.secrets.get("payments")


def event_services(
    ground: Ground, given: Given, database_urls: dict[str, str], drop: str, rate: float
) -> Sequence[ProcessSpec]:
    """Return the edge, the gates, the stores and the worker, which sell `drop`.

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
    ports, pays = ground.ports, port_of(given.gateway_url)
    gates, stores = (numbered(service, count_of(ports)) for service in ("gate", "store"))
    store_ports = [ports[name] for name in stores]
    connections = {"CONNECTIONS": str(min(_STORE_CONNECTIONS, _MOST_CONNECTIONS // len(stores)))}
    return [
        edge.write_event(drop, gates=[ports[name] for name in gates], stores=store_ports, requests_per_second=rate),
        *(
            ground.service(
                name,
                identity,
                {**memory, **admission, **edge_key},
                walls=ground.own_walls(name, read=[jwks_file], connect=[ports["valkey"]]),
                after=("valkey",),
            )
            for name in gates
        ),
        *(
            ground.service(
                name,
                {**identity, **gateway, **connections},
                {"DATABASE_URL": database_urls["store"], **admission, **gateway_key, **edge_key},
                walls=ground.own_walls(name, read=[jwks_file], connect=[ports["postgres"], pays]),
                after=("postgres",),
            )
            for name in stores
        ),
        ground.service(
            "worker",
            {**gateway, "STORE_URLS": ",".join(f"http://127.0.0.1:{port}" for port in store_ports)},
            {"DATABASE_URL": database_urls["worker"], **memory, **gateway_key},
            walls=ground.own_walls("worker", connect=[ports["postgres"], ports["valkey"], *store_ports, pays]),
            after=("postgres", "valkey"),
        ),
    ]
