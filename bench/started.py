"""Processes that the bench starts itself."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from marketday.provisioners.local import processes, readiness
from marketday.provisioners.local.model import ProcessSpec


@contextmanager
def started(spec: ProcessSpec, logs: Path) -> Iterator[int]:
    """Run one process until the block ends; its number is returned when it is ready."""
    log = logs / f"{spec.name}.log"
    child = processes.start(spec, "bench", log)
    try:
        readiness.wait_until_ready(spec, lambda: child.poll() is None, log)
        yield child.pid
    finally:
        processes.end(child, spec)
