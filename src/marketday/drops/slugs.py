"""Slugs that no drop can have, because they already mean something else.

A slug is part of addresses (`/drops/<slug>`) and of the names of schemas, keys and tags. It is also the origin of the
orders that are handed back, and operators may give it to commands instead of an environment's id.
"""

from uuid import UUID

_PLANES = ("mall", "event", "prod", "dev", "sandbox")
_PROCESSES = ("gateway", "console", "controller", "gate", "store", "worker", "edge", "supervisor", "lifecycle", "crowd")
_SERVERS = ("postgres", "postgresql", "valkey", "redis", "nginx")
_HOSTS = ("www", "api", "app", "web", "cdn", "mail", "admin", "localhost", "local", "static", "media", "assets")
_FOLDERS = ("environments", "programs", "receipts", "secrets", "logs", "public", "staging")
_ROUTES = ("drop", "drops", "catalog", "room", "enter", "orders", "reservations", "entries", "admissions", "now", "new")
_ANSWERS = ("all", "any", "none", "null", "true", "false", "smoke")
RESERVED = frozenset((*_PLANES, *_PROCESSES, *_SERVERS, *_HOSTS, *_FOLDERS, *_ROUTES, *_ANSWERS))


def why_reserved(slug: str) -> str:
    """Return what was expected instead of this slug; empty if a drop can have it."""
    if slug in RESERVED:
        return "another slug: Marketday itself uses this word, such as mall, console and api"
    if slug.startswith("smoke-"):
        return "a slug that does not begin with smoke-, as smoke tests do"
    if _is_id(slug):
        return "a slug that does not look like an environment's id"
    return ""


def _is_id(slug: str) -> bool:
    try:
        UUID(slug)
    except ValueError:
        return False
    return True
