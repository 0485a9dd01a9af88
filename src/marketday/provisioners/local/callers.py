"""Who may name the client of a request: a proxy that the operator put before the edges, and a crowd with the key."""

import json
from dataclasses import dataclass, field

from marketday.kit.private import private_folder, write_whole
from marketday.provisioners.local.secrets import PlaneSecrets, new_token

_FILE = "callers.json"


@dataclass(frozen=True, slots=True)
class Callers:
    """`proxies` are addresses and networks, separated by commas. Without proxies and key, the peer is the client."""

    proxies: str = ""
    crowd_key: str = field(default="", repr=False)


NOBODY = Callers()


def read_callers(secrets: PlaneSecrets) -> Callers:
    """Return the callers kept with the mall's secrets; none if nothing was kept."""
    file = secrets.path(_FILE)
    return Callers(**json.loads(file.read_text("utf-8"))) if file.exists() else NOBODY


def keep_callers(secrets: PlaneSecrets, *, proxies: str | None, crowd: bool | None) -> Callers:
    """Change the values that are given; a crowd's key is made once and stays the same."""
    kept = read_callers(secrets)
    key = kept.crowd_key if crowd is None else (kept.crowd_key or new_token()) if crowd else ""
    changed = Callers(kept.proxies if proxies is None else proxies, key)
    if changed != kept:
        if not secrets.folder.is_dir():
            private_folder(secrets.folder)
        write_whole(secrets.path(_FILE), json.dumps({"proxies": changed.proxies, "crowd_key": changed.crowd_key}))
    return changed
