"""The PostgreSQL clusters of a home: the mall's, and one of each event plane."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from marketday.provisioners.local import event_plane, mall_plane
from marketday.provisioners.local.backup.model import MALL
from marketday.provisioners.local.binaries import postgres_programs
from marketday.provisioners.local.errors import NotOurs
from marketday.provisioners.local.home import Home
from marketday.provisioners.local.plane_folder import PlaneFolder
from marketday.provisioners.local.ports import read_ports
from marketday.provisioners.local.postgres import OWNER, PostgresServer
from marketday.provisioners.local.secrets import PlaneSecrets

APPLICATION = "marketday_archive"  # how a cluster knows the one that keeps its WAL


@dataclass(frozen=True, slots=True, repr=False)
class Cluster:
    """One cluster: its name in a backup, its plane, its server, and the database with the orders."""

    name: str
    folder: PlaneFolder
    server: PostgresServer
    database: str

    @property
    def url(self) -> str:
        """The URL of its database, as its owner."""
        return self.server.url(self.database)

    def program(self, name: str) -> str:
        """Return the path of one of PostgreSQL's programs."""
        return str(self.server.programs / name)

    def connection(self) -> str:
        """Return how PostgreSQL's programs connect for replication, without the password."""
        return f"host=127.0.0.1 port={self.server.port} user={OWNER} application_name={APPLICATION}"

    def environment(self, inherited: Mapping[str, str]) -> dict[str, str]:
        """Return the environment of such a program; it has the password, which no command line may show."""
        return {**inherited, "PGPASSWORD": self.server.password, "PGCONNECT_TIMEOUT": "5", "LC_ALL": "C"}


def clusters_of(home: Home) -> list[Cluster]:
    """Return the clusters whose data is here, the mall's first; those that are just being made are left out."""
    planes = [(MALL, home.mall, mall_plane.DATABASE)]
    planes += [(one.path.name, one, event_plane.DATABASE) for one in home.events() if (one.path / "made").exists()]
    found = [_cluster(home, name, folder, database) for name, folder, database in planes]
    return [each for each in found if each is not None]


def cluster_in(plane: Path, name: str, programs: Path, port: int) -> Cluster:
    """Return the cluster of a plane's folder with another port."""
    database = mall_plane.DATABASE if name == MALL else event_plane.DATABASE
    password = PlaneSecrets(plane / "secrets").get("postgres")
    return Cluster(name, PlaneFolder(plane), PostgresServer(plane / "postgres", programs, port, password), database)


def _cluster(home: Home, name: str, folder: PlaneFolder, database: str) -> Cluster | None:
    try:
        port = read_ports(folder.path / "ports.json").get("postgres")
    except NotOurs:
        return None
    secret = folder.path / "secrets" / "postgres"
    if port is None or not secret.is_file():
        return None
    programs = postgres_programs(home.programs)
    password = secret.read_text("utf-8").strip()
    return Cluster(name, folder, PostgresServer(folder.path / "postgres", programs, port, password), database)
