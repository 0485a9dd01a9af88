"""Whom a client of a database believes: certificates of authorities, given as text."""

import os
from functools import cache

AUTHORITIES = "Certificates of the authorities that vouch for the database, as PEM; without them the URL decides."


def with_authorities(url: str, pem: str | None) -> str:
    """Return the database's URL, with the demand that one of these authorities confirms who answers."""
    if not pem:
        return url
    place, _, query = url.partition("?")
    kept = [each for each in query.split("&") if each and not each.startswith(("sslmode=", "sslrootcert="))]
    return f"{place}?{'&'.join([*kept, 'sslmode=verify-full', f'sslrootcert={_file(pem)}'])}"


@cache
def _file(pem: str) -> str:
    """Return the path of a file in memory with these certificates, which ends with the process.

    Drivers read certificates only from files, and a container on AWS may have no folder that can be written.
    """
    descriptor = os.memfd_create("database-ca")
    os.fchmod(descriptor, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8", closefd=False) as file:
        file.write(pem)
    return f"/proc/self/fd/{descriptor}"
