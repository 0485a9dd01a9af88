"""How the planes on this machine are separated, as one sentence."""

import os
from dataclasses import dataclass
from typing import Literal

from marketday.provisioners.local.walls import calls, landlock

_KEPT_SINCE = ((1, "files and memory"), (4, "TCP ports"), (6, "signals"))


@dataclass(frozen=True, slots=True)
class WallsHere:
    """The walls on this machine: accounts if root starts the planes, and the version of Landlock, 0 for none."""

    accounts: bool
    landlock: int
    filtered: bool  # whether system calls are filtered

    @property
    def kind(self) -> Literal["accounts_landlock", "accounts", "landlock", "nothing"]:
        """Which case of ADR 9 this machine is."""
        if self.accounts:
            return "accounts_landlock" if self.landlock else "accounts"
        return "landlock" if self.landlock else "nothing"

    def __str__(self) -> str:
        """Return, as a sentence, what is protected and what is not."""
        who = "each plane has its own account" if self.accounts else "all planes share one account"
        if not self.landlock:
            keeps = "only the accounts keep" if self.accounts else "nothing keeps"
            return f"{who}; this kernel has no Landlock, {keeps} their files and memory apart"
        kept = [name for since, name in _KEPT_SINCE if since <= self.landlock]
        missing = [name for since, name in _KEPT_SINCE if since > self.landlock]
        if not self.filtered:
            missing.append("Unix sockets")
        line = f"{who}; Landlock (ABI {self.landlock}) limits each service to its own {', '.join(kept)}"
        return f"{line}; not limited: {', '.join(missing)}" if missing else line


def standing() -> WallsHere:
    """Return the walls of planes that this account starts now."""
    return WallsHere(accounts=os.geteuid() == 0, landlock=landlock.abi(), filtered=calls.are_filtered())
