"""More processes of the store, started like the plane's own, with another port and if wanted another database."""

from pathlib import Path

from bench.market import Market
from marketday.kit.private import write_whole
from marketday.provisioners.local.accounts import account_of, own_folder
from marketday.provisioners.local.model import HttpCheck, ProcessSpec, Walls
from marketday.provisioners.local.ports import free_ports


def another_store(market: Market, number: int, database: str | None = None) -> tuple[ProcessSpec, int]:
    """Return the description of a store process and its port; `database` is another one on the same server."""
    own = market.spec("store")
    [port] = free_ports(1)
    folder = own_folder(market.plane.path / f"bench-store-{number}", account_of(market.plane.path))
    walls = own.walls or Walls()
    spec = own.model_copy(
        update={
            "name": f"bench-store-{number}",
            "folder": str(folder),
            "environment": {**own.environment, "MARKETDAY_PORT": str(port)},
            "secrets_file": own.secrets_file if database is None else _with_database(own, folder, database),
            "walls": walls.model_copy(update={"bind": (port,)}),
            "ready": HttpCheck(port=port),
            "after": (),
        }
    )
    return spec, port


def _with_database(own: ProcessSpec, folder: Path, database: str) -> str:
    """Write the secrets of a store that works on another database of the same server."""
    assert own.secrets_file is not None
    text = Path(own.secrets_file).read_text("utf-8")
    file = folder.with_name(f"{folder.name}.json")
    write_whole(file, text.replace('/drop"', f'/{database}"'))
    return str(file)
