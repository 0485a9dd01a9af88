"""Connections are made in one place for each kind of server, because there each of their waits has a limit."""

import ast

from .source import PRODUCT, nodes, python_files, text, wrong

MADE_IN = {
    "asyncpg.connect": {"kit/database.py", "kit/connections.py"},
    "asyncpg.create_pool": set(),
    "asyncpg.Pool": {"kit/connections.py"},
    "asyncpg.Connection": {"kit/connections.py"},
    "redis.asyncio.Redis": {"kit/valkey.py"},
    "redis.asyncio.ConnectionPool": {"kit/valkey.py"},
    "redis.asyncio.BlockingConnectionPool": {"kit/valkey.py"},
}


LIBRARIES = ("asyncpg", "redis")


def imported(path):
    """What each name of a module stands for."""
    names = {}
    for node in nodes(path):
        if isinstance(node, ast.Import):
            names |= {each.asname or each.name: each.name for each in node.names}
        elif isinstance(node, ast.ImportFrom):
            names |= {each.asname or each.name: f"{node.module}.{each.name}" for each in node.names}
    return names


def used(path):
    """The full names of what a module calls, derives from or hands on; annotations are only names of types."""
    if not any(library in text(path) for library in LIBRARIES):
        return
    names = imported(path)
    for node in nodes(path):
        places = [node.func, *node.args] if isinstance(node, ast.Call) else getattr(node, "bases", [])
        for place in places:
            first, _, rest = ast.unparse(place).partition(".")
            full = ".".join(filter(None, (names.get(first, first), rest)))
            yield from (made for made in MADE_IN if full == made or full.startswith(f"{made}.from_"))


def test_connections_are_made_where_they_get_their_limits():
    def misplaced(path):
        place = str(path.relative_to(PRODUCT))
        return [name for name in used(path) if place not in MADE_IN[name]]

    assert wrong(python_files(), misplaced) == {}


def test_the_places_that_make_connections_are_found():
    found = {str(path.relative_to(PRODUCT)) for path in python_files() if list(used(path))}
    assert found == {"kit/connections.py", "kit/database.py", "kit/valkey.py"}
    assert {name.partition(".")[0] for name in MADE_IN} == set(LIBRARIES)
