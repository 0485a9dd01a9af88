"""Copy a drop's rows into the staging schema and compare them, over as many calls as needed."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import structlog

from marketday.handback.errors import CopyDiffers, CopyFailed
from marketday.handback.model import Brought, Point, Waiting, Window, WindowPhase, WindowProgress, shown
from marketday.handback.ports import Copier
from marketday.handback.verify import Comparison, compare_all

if TYPE_CHECKING:
    from marketday.handback.postgres.link import LinkSnapshot, PostgresLinks
    from marketday.handback.postgres.stage import PostgresStage
    from marketday.handback.postgres.staging import PostgresStaging

_MOST_COPIES = 2  # the copy, and one repair
_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Copied:
    """A compared copy, with its point in the source."""

    point: Point
    comparison: Comparison

    @property
    def brought(self) -> Brought:
        """The part of the result that is recorded."""
        behind: dict[str, int] = {}
        for one in self.comparison.differences:
            if one.table in self.comparison.tables:
                behind[one.table] = behind.get(one.table, 0) + 1
        return Brought(self.point, {name: proof.rows for name, proof in self.comparison.tables.items()}, behind)


class Bringing:
    """The part that all windows have in common: open the link, copy, compare, close the link."""

    def __init__(self, links: "PostgresLinks", staging: "PostgresStaging", copier: Copier) -> None:
        """Use these adapters."""
        self._links = links
        self._staging = staging
        self._copier = copier

    async def bring(self, window: Window) -> Copied | Waiting:
        """Copy and compare. A copy that differs is made again, once.

        While the drop runs (`window.due`), a copier that follows the changes is always a little behind or ahead of the
        point of the comparison: then rows that differ are not an error, and are counted as behind.

        Raises:
            CopyDiffers: the copy differs after a repair too; every difference is named.
            CopyRefused, CopyFailed: see `Copier`.
            SourceUnavailable: the drop's database does not answer; try again.

        """
        progress = await self._progress(window)
        async with self._links.open(window) as snapshot, self._staging.open(window) as stage:
            while True:
                try:
                    return await self._once(window, snapshot, stage, progress)
                except CopyDiffers as error:
                    last = progress.copies == _MOST_COPIES
                    _log.error("copy_differs", found=error.detail, copied_again=not last)
                    # When a person retries after the last attempt, it starts again.
                    progress = WindowProgress() if last else WindowProgress(WindowPhase.RESTARTING, progress.copies + 1)
                    await self._note(window, progress)
                    if last:
                        raise
                except CopyFailed:
                    await self._note(window, replace(progress, phase=WindowPhase.STARTING))
                    raise

    async def close(self, window: Window) -> Waiting | None:
        """Remove the copier, and its credentials."""
        waiting = await self._copier.remove(window)
        if waiting is None:
            await self.lock_out(window)
        return waiting

    async def lock_out(self, window: Window) -> None:
        """Remove every credential of the window, even one that is in use."""
        await self._links.close(window)
        if not self._copier.at_snapshot:
            await self._staging.shut(window)

    async def lock_out_after_error(self, window: Window) -> None:
        """Close everything after a permanent error; a failure of the closing is only logged."""
        for end in (self._copier.stop, self.lock_out):
            try:
                await end(window)
            except Exception as second:  # noqa: BLE001 - people see the first error
                _log.warning("link_left_open", environment=str(window.environment_id), reason=str(second))

    async def _progress(self, window: Window) -> WindowProgress:
        # A snapshot ends with its call; after that, a copy of it can no longer be compared.
        known = None if self._copier.at_snapshot else await self._staging.progress(window)
        return known or WindowProgress()

    async def _note(self, window: Window, progress: WindowProgress) -> WindowProgress:
        if not self._copier.at_snapshot:
            await self._staging.note(window, progress)
        return progress

    async def _once(
        self, window: Window, snapshot: "LinkSnapshot", stage: "PostgresStage", progress: WindowProgress
    ) -> Copied | Waiting:
        waiting = await self._copy(window, snapshot, stage, progress)
        if waiting is not None:
            return waiting
        comparison = await compare_all(snapshot, stage)
        if comparison.differences and (window.due is None or self._copier.at_snapshot):
            raise CopyDiffers(shown(comparison.differences), differences=len(comparison.differences))
        return Copied(snapshot.point, comparison)

    async def _copy(
        self, window: Window, snapshot: "LinkSnapshot", stage: "PostgresStage", progress: WindowProgress
    ) -> Waiting | None:
        waiting = None
        if progress.phase is WindowPhase.RESTARTING:
            waiting = await self._copier.stop(window)
            if waiting is None:
                progress = await self._note(window, replace(progress, phase=WindowPhase.STARTING))
        if progress.phase is WindowPhase.STARTING:
            again = progress.copies > 1
            waiting = await self._copier.start(window, snapshot, stage, again=again)
            if waiting is None:
                progress = await self._note(window, replace(progress, phase=WindowPhase.COPYING))
        if waiting is None and progress.phase is WindowPhase.COPYING:
            waiting = await self._copier.wait(window)
            if waiting is None:
                progress = await self._note(window, replace(progress, phase=WindowPhase.STOPPING))
        if waiting is None:
            waiting = await self._copier.stop(window)
        return waiting
