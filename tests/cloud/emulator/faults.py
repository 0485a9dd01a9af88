"""Let an action of AWS fail as often as a test wants it to."""

import threading
from dataclasses import dataclass
from typing import Any

from .wire import Call

FIELDS = {"service", "action", "code", "message", "times", "account", "contains"}


@dataclass
class Fault:
    """An error that an action answers with, a number of times (None: until the reset), in one account or in all."""

    service: str
    action: str
    code: str
    message: str = "injected by a test"
    times: int | None = 1
    account: str | None = None
    contains: str = ""  # only where the request's body has this text in it

    def strikes(self, call: Call) -> bool:
        """Say whether this call is to fail."""
        return (
            (self.service, self.action) == (call.service, call.action)
            and self.account in {None, call.account}
            and self.contains.encode() in call.body
            and self.times != 0
        )


class Faults:
    """All faults that wait for their call."""

    def __init__(self) -> None:
        self._waiting: list[Fault] = []
        self._lock = threading.Lock()

    def add(self, fields: dict[str, Any]) -> None:
        """Add one. Raises ValueError for a field that is not known or is missing."""
        if unknown := fields.keys() - FIELDS:
            raise ValueError(f"unknown fields {sorted(unknown)}; expected some of {sorted(FIELDS)}")
        if missing := {"service", "action", "code"} - fields.keys():
            raise ValueError(f"no {sorted(missing)}; expected service, action and code")
        with self._lock:
            self._waiting.append(Fault(**fields))

    def take(self, call: Call) -> Fault | None:
        """Return the fault that this call meets, and count it."""
        with self._lock:
            for fault in self._waiting:
                if fault.strikes(call):
                    if fault.times is not None:
                        fault.times -= 1
                    return fault
        return None

    def clear(self, account: str | None = None) -> None:
        """Forget those of an account, or all."""
        with self._lock:
            self._waiting = [] if account is None else [fault for fault in self._waiting if fault.account != account]
