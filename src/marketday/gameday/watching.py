"""Notes what the product does by itself: processes that are back, and the steps of the environment."""

import time
from dataclasses import dataclass, field

from marketday.environments.model import StepRecord
from marketday.gameday.model import MomentKind
from marketday.gameday.stage import LOOK_SECONDS, Stage
from marketday.kit.tasks import rest
from marketday.provisioners.local.plane_folder import PlaneFolder, Record

_STEADY_SECONDS = 1.0  # a process that lives so long is back; others are killed again by the scenario
_SUPERVISOR = "supervisor"


@dataclass(slots=True)
class Watcher:
    """Compares what runs with what ran when it looked before."""

    stage: Stage
    _known: dict[tuple[str, str], int] = field(default_factory=dict)  # the process id by plane and name
    _step: StepRecord | None = None

    async def run(self) -> None:
        """Look until cancelled."""
        while True:
            self._processes()
            await self.stage.look()
            self._steps()
            await rest(LOOK_SECONDS)

    def _processes(self) -> None:
        for folder in self.stage.home.planes():
            plane = "event" if folder.path.parent.name == "environments" else folder.path.name
            for name, record in _running(folder).items():
                if time.time() - record.since < _STEADY_SECONDS or not record.process.alive():
                    continue
                before = self._known.get((plane, name))
                self._known[plane, name] = record.pid
                if before not in {None, record.pid} and self.stage.fault is not None:
                    self.stage.note(MomentKind.RECOVERY, "restarted", record.since, plane=plane, process=name)

    def _steps(self) -> None:
        last = self.stage.environment.last
        if last is None or last == self._step:
            return
        if self._step is None or (last.step, last.outcome, last.at) != (
            self._step.step,
            self._step.outcome,
            self._step.at,
        ):
            at = last.at.timestamp()
            self.stage.note(MomentKind.DAY, f"step_{last.outcome}", at, step=last.step, detail=last.detail[:160])
        self._step = last


def _running(folder: PlaneFolder) -> dict[str, Record]:
    supervisor = folder.read_supervisor()
    found = folder.read_records()
    return {**found, _SUPERVISOR: supervisor} if supervisor else found
