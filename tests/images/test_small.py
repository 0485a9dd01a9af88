"""The small proof of every test run: one image is built, pushed, pulled by its digest, and does its work."""

import json

import pytest
from images.registry import registry
from images.workshop import ImagesFailed, Workshop, lacking

from marketday.kit.ids import new_id

from .containers import MEMORY, Container
from .oci import Image

WRITE = """
import pathlib, sys
for place in sys.argv[1:]:
    try:
        pathlib.Path(place, "a-file").touch()
    except OSError:
        continue
    print(place)
"""


@pytest.fixture(scope="module")
def migrate():
    """The smallest image. What was built before is used again, so the second run costs little."""
    if missing := lacking():
        pytest.skip(missing)
    workshop = Workshop()
    try:
        workshop.lay_foundations()
        workshop.bring_wheels(["migrate"])
    except ImagesFailed as failed:
        pytest.skip(f"neither Debian's packages nor wheels can be brought here: {failed}")
    workshop.build("migrate")
    with registry(workshop.folder / "registry-of-the-small-proof") as address:
        digest = workshop.push("migrate", address)
        layout = workshop.pull("migrate", digest, address)
    return Image("migrate", workshop.unpack("migrate", layout), layout, digest)


@pytest.fixture
def environment(postgres_server):
    """An empty database of the mall."""
    name = f"mall_{new_id().hex}"
    postgres_server.execute(f"CREATE DATABASE {name}")
    yield {"MARKETDAY_DATABASE_URL": postgres_server.url(name)}
    postgres_server.execute(f"DROP DATABASE {name} WITH (FORCE)")


def test_the_migration_runs_from_its_image_as_its_own_user(migrate, environment):
    assert migrate.manifest_digest == migrate.digest
    user = migrate.config["User"]
    job = Container(migrate, ["marketday.apps.migrate_mall", "--phase", "expand"], environment, user, 30)
    first, second = job.run(), job.run()
    assert (first.returncode, second.returncode) == (0, 0), first.stdout + first.stderr
    applied = [json.loads(done.stdout.splitlines()[-1])["applied"] for done in (first, second)]
    assert "0001_shop.sql" in applied[0]
    assert applied[1] == []


def test_it_says_in_one_line_what_is_missing(migrate):
    done = Container(migrate, migrate.config["Cmd"], {}, migrate.config["User"], 30).run()
    assert done.returncode == 2
    assert "MARKETDAY_OWNER_SECRET" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_database_that_cannot_show_a_certificate_is_refused_if_authorities_are_given(migrate, postgres_server):
    """They are written into memory, because nothing else can be written. The server of these tests has no TLS."""
    place = f"127.0.0.1:{postgres_server.server.port}/postgres"
    environment = {
        "MARKETDAY_OWNER_SECRET": json.dumps({"username": "nobody", "password": "x"}),
        "MARKETDAY_DATABASE_HOST": "127.0.0.1",
        "MARKETDAY_DATABASE_PORT": str(postgres_server.server.port),
        "MARKETDAY_DATABASE_NAME": "postgres",
        "MARKETDAY_DATABASE_CA": next(migrate.root.glob("usr/share/ca-certificates/*/*.crt")).read_text("utf-8"),
        **{f"MARKETDAY_{role.upper()}_DATABASE_URL": f"postgresql://{role}:x@{place}" for role in ("store", "worker")},
    }
    done = Container(migrate, migrate.config["Cmd"], environment, migrate.config["User"], 30).run()
    assert done.returncode == 1
    assert "SSL" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_it_can_write_nowhere_but_in_memory(migrate):
    places = ["/", "/app", "/app/marketday", "/dev", MEMORY, "/etc", "/run", "/tmp", "/usr/lib", "/var/tmp"]  # noqa: S108
    done = Container(migrate, [], {}, migrate.config["User"], 30).run(["/usr/bin/python3", "-c", WRITE, *places])
    assert done.stdout.split() == [MEMORY], done.stderr


def test_a_secret_of_another_user_stays_closed(migrate, tmp_path):
    secrets = tmp_path / "secrets"
    secrets.mkdir(mode=0o755)
    for name, mode in (("others", 0o600), ("its-own", 0o444)):
        (secrets / name).write_text("a secret", "utf-8")
        (secrets / name).chmod(mode)
    held = Container(migrate, [], {}, migrate.config["User"], 30, mounts={"/run/secrets": secrets})
    code = "import sys; print(open(sys.argv[1]).read())"
    own, others = (held.run(["/usr/bin/python3", "-c", code, f"/run/secrets/{name}"]) for name in ("its-own", "others"))
    assert own.stdout.strip() == "a secret", own.stderr
    assert "PermissionError" in others.stderr
    assert others.stdout == ""
