"""Whom a client of a database believes: certificates of authorities, given as text."""

import atexit
from functools import cache
from pathlib import Path
from tempfile import NamedTemporaryFile

AUTHORITIES = "Certificates of the authorities that vouch for the database, as PEM; without them the URL decides."


def with_authorities(url: str, pem: str | None) -> str:
    """Return the database's URL, with the demand that one of these authorities confirms who answers."""
    if not pem:
        return url
    place, _, query = url.partition("?")
    kept = [each for each in query.split("&") if each and not each.startswith(("sslmode=", "sslrootcert="))]
    return f"{place}?{'&'.join([*kept, 'sslmode=verify-full', f'sslrootcert={_file(pem)}'])}"


@cache
def _file(pem: str) -> Path:
    """Return a file with these certificates, removed with the process: drivers read them only from files."""
    with NamedTemporaryFile("w", encoding="utf-8", prefix="marketday-", suffix=".pem", delete=False) as file:
        file.write(pem)
    path = Path(file.name)
    atexit.register(path.unlink, missing_ok=True)
    return path
