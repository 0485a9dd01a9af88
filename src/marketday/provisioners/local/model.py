"""The description of processes, and the order and pauses of their starts. Pure."""

from collections.abc import Sequence
from graphlib import CycleError, TopologicalSorter
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

StopSignal = Literal["SIGTERM", "SIGINT", "SIGQUIT"]

FIRST_RESTART_SECONDS = 0.1
LONGEST_RESTART_SECONDS = 5.0
STEADY_SECONDS = 20.0


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class TcpCheck(_Frozen):
    """Ready as soon as something accepts connections."""

    kind: Literal["tcp"] = "tcp"
    host: str = "127.0.0.1"
    port: int


class HttpCheck(_Frozen):
    """Ready as soon as the answer to `path` is 200."""

    kind: Literal["http"] = "http"
    host: str = "127.0.0.1"
    port: int
    path: str = "/readyz"
    host_header: str = "localhost"


class CommandCheck(_Frozen):
    """Ready as soon as the command ends with status 0."""

    kind: Literal["command"] = "command"
    argv: tuple[str, ...]


ReadyCheck = TcpCheck | HttpCheck | CommandCheck


class Walls(_Frozen):
    """What a process may use, in addition to programs and its own folder; the kernel forbids other things if it can."""

    read: tuple[str, ...] = Field(default=(), description="Files, and folders with all their files, that it may read.")
    bind: tuple[int, ...] = Field(default=(), description="TCP ports that it may listen on.")
    connect: tuple[int, ...] | None = Field(default=(), description="TCP ports that it may call; None allows all.")
    shared_memory: bool = Field(default=False, description="Whether it needs shared memory of System V.")
    chmod_is_ignored: bool = Field(default=False, description="Whether a change of modes succeeds but does nothing.")


class ProcessSpec(_Frozen):
    """One process of a plane: how it is started, when it counts as ready, how it is ended.

    `folder` is the process's own directory: it starts there, and processes that run in it belong to it.
    Secrets are never here; they are in `secrets_file`, a JSON object of environment variables that only its owner can
    read.
    """

    name: str
    argv: tuple[str, ...] = Field(min_length=1)
    folder: str
    environment: dict[str, str] = Field(default_factory=dict)
    secrets_file: str | None = None
    account: int | None = Field(default=None, description="Account to run as; None means the account that starts it.")
    walls: Walls | None = Field(default=None, description="None if it may do all that its account may.")
    stop_signal: StopSignal = "SIGTERM"
    stop_seconds: float = Field(default=10, gt=0, description="How long it may take to end before it is killed.")
    ready: Annotated[ReadyCheck, Field(discriminator="kind")] | None = None
    ready_seconds: float = Field(default=30, gt=0)
    after: tuple[str, ...] = ()
    stale_files: tuple[str, ...] = Field(
        default=(), description="Files of a killed earlier process; a process behind walls removes them when it starts."
    )

    @model_validator(mode="before")
    @classmethod
    def _as_now(cls, fields: Any) -> Any:
        """Leave out the name of an account, which an earlier version wrote, so that its planes can still be ended."""
        return {key: value for key, value in fields.items() if key != "user"} if isinstance(fields, dict) else fields


class Plane(_Frozen):
    """Processes that are started and ended together, as described in `plane.json`."""

    plane_id: str
    processes: tuple[ProcessSpec, ...]
    nice: int = Field(default=0, ge=0, le=19, description="How much less processor time its processes get than others.")

    def spec(self, name: str) -> ProcessSpec:
        """Return the process called `name`; raises KeyError if there is none."""
        for process in self.processes:
            if process.name == name:
                return process
        raise KeyError(name)


class PlaneFileInvalid(ValueError):
    """The descriptions of a plane's processes contradict each other."""


def start_order(processes: Sequence[ProcessSpec]) -> list[ProcessSpec]:
    """Return the processes in an order in which each follows those that it comes `after`.

    Raises:
        PlaneFileInvalid: a name is there twice, `after` names an unknown process, or they wait for each other.

    """
    by_name = {process.name: process for process in processes}
    if len(by_name) != len(processes):
        raise PlaneFileInvalid(f"a process is there twice among {[process.name for process in processes]}")
    graph: TopologicalSorter[str] = TopologicalSorter()
    for process in processes:
        for other in process.after:
            if other not in by_name:
                raise PlaneFileInvalid(f"{process.name} comes after {other!r}, which is not one of {sorted(by_name)}")
        graph.add(process.name, *process.after)
    try:
        return [by_name[name] for name in graph.static_order()]
    except CycleError as error:
        raise PlaneFileInvalid(f"these wait for each other: {error.args[1]}") from None


def restart_delay(fast_deaths: int) -> float:
    """Return the seconds to wait before a restart, if the process ended soon after its start `fast_deaths` times.

    The first restart is at once: the process was killed, or has an error that comes back, and then the next one waits.
    """
    if fast_deaths <= 1:
        return 0.0
    return min(LONGEST_RESTART_SECONDS, FIRST_RESTART_SECONDS * 2.0 ** min(fast_deaths - 2, 16))


def deaths_in_a_row(fast_deaths: int, lived_seconds: float) -> int:
    """Count one more end of the process; after a run of `STEADY_SECONDS` or more, counting begins again."""
    return 1 if lived_seconds >= STEADY_SECONDS else fast_deaths + 1
