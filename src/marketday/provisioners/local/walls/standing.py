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
        """Which of the cases of ADR 9 it is."""
        if self.accounts:
            return "accounts_landlock" if self.landlock else "accounts"
        return "landlock" if self.landlock else "nothing"

    def __str__(self) -> str:
        """Say what holds, and what does not."""
        who = "each plane has an account of its own" if self.accounts else "all planes are one account"
        if not self.landlock:
            weak = "that alone keeps their files and memory apart" if self.accounts else "nothing keeps them apart"
            return f"{who}; this kernel has no Landlock, {weak}"
        kept = [name for since, name in _KEPT_SINCE if since <= self.landlock]
        missing = [name for since, name in _KEPT_SINCE if since > self.landlock]
        if not self.filtered:
            missing.append("Unix sockets")
        line = f"{who}; Landlock (ABI {self.landlock}) keeps each service to its own {', '.join(kept)}"
        return f"{line}; not kept: {', '.join(missing)}" if missing else line


def standing() -> WallsHere:
    """Return what holds for planes that are started now, by this account."""
    return WallsHere(accounts=os.geteuid() == 0, landlock=landlock.abi(), filtered=calls.are_filtered())
