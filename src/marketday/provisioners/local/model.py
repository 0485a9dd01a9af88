"""The description of processes, and which one may start, stop or be restarted next. Pure."""

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
    """Ready as soon as `path` is answered with 200."""

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
    """What a process may reach besides programs and its own folder; the rest is closed as far as the kernel can."""

    read: tuple[str, ...] = Field(default=(), description="Files that it may read, and folders with all below them.")
    bind: tuple[int, ...] = Field(default=(), description="TCP ports that it may listen on.")
    connect: tuple[int, ...] | None = Field(default=(), description="TCP ports that it may call; none is any.")
    shared_memory: bool = Field(default=False, description="Whether it needs shared memory of System V.")
    chmod_is_ignored: bool = Field(default=False, description="Whether a change of modes is not refused, but not done.")


class ProcessSpec(_Frozen):
    """One process of a plane: how it is started, when it counts as ready, how it is ended.

    `folder` is the process's own directory: it starts there, and processes that run in it belong to it.
    Secrets are never here; they are in `secrets_file`, a JSON object of environment variables that its
    owner alone can read.
    """

    name: str
    argv: tuple[str, ...] = Field(min_length=1)
    folder: str
    environment: dict[str, str] = Field(default_factory=dict)
    secrets_file: str | None = None
    account: int | None = Field(default=None, description="Number to run as; none is the account that starts it.")
    walls: Walls | None = Field(default=None, description="None: it may do what its account may.")
    stop_signal: StopSignal = "SIGTERM"
    stop_seconds: float = Field(default=10, gt=0, description="How long it may take to end before it is killed.")
    ready: Annotated[ReadyCheck, Field(discriminator="kind")] | None = None
    ready_seconds: float = Field(default=30, gt=0)
    after: tuple[str, ...] = ()
    stale_files: tuple[str, ...] = Field(
        default=(), description="Left by a killed predecessor; a process behind walls removes them when it starts."
    )

    @model_validator(mode="before")
    @classmethod
    def _as_now(cls, fields: Any) -> Any:
        """Leave out the name of an account, which an earlier version wrote: its planes can still be ended."""
        return {key: value for key, value in fields.items() if key != "user"} if isinstance(fields, dict) else fields


class Plane(_Frozen):
    """A set of processes that lives and dies together: `plane.json`."""

    plane_id: str
    processes: tuple[ProcessSpec, ...]

    def spec(self, name: str) -> ProcessSpec:
        """Return the process called `name`; KeyError where there is none."""
        for process in self.processes:
            if process.name == name:
                return process
        raise KeyError(name)


class PlaneFileInvalid(ValueError):
    """The processes of a plane contradict each other."""


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
                raise PlaneFileInvalid(f"{process.name} comes after {other!r}, which is none of {sorted(by_name)}")
        graph.add(process.name, *process.after)
    try:
        return [by_name[name] for name in graph.static_order()]
    except CycleError as error:
        raise PlaneFileInvalid(f"these wait for each other: {error.args[1]}") from None


def restart_delay(fast_deaths: int) -> float:
    """Return the seconds to wait before a start that follows `fast_deaths` deaths of a young process in a row."""
    if fast_deaths <= 0:
        return 0.0
    return min(LONGEST_RESTART_SECONDS, FIRST_RESTART_SECONDS * 2.0 ** min(fast_deaths - 1, 16))


def deaths_in_a_row(fast_deaths: int, lived_seconds: float) -> int:
    """Count one more death; one after `STEADY_SECONDS` of life begins the count anew."""
    return 1 if lived_seconds >= STEADY_SECONDS else fast_deaths + 1
