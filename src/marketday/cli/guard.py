"""The last error handler of every command: it prints one sentence, and never a traceback.

Details of an unexpected error are written to a file that only its owner can read; the sentence names the file.
"""

import asyncio
import errno
import json
import logging
import os
import sys
import tempfile
import traceback
from collections.abc import MutableMapping
from pathlib import Path
from typing import Any

import structlog
import typer
from pydantic import ValidationError
from rich.console import Console
from typer.core import TyperGroup

from marketday import __version__
from marketday.environments.redaction import redacted
from marketday.kit.errors import MarketdayError
from marketday.kit.outages import DRIVER_ERRORS

INTERRUPTED = 130  # 128 + SIGINT, as shells count
_SHOWN = 300
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


class GuardedGroup(TyperGroup):
    """The root of all commands: every uncaught exception becomes a sentence and an exit status."""

    def main(self, *args: Any, **named: Any) -> Any:
        """Run a command; typer has handled its own exceptions before they reach this method."""
        _quiet()
        try:
            return super().main(*args, **named)
        except Exception as error:  # noqa: BLE001 - the last handler
            _say(sentence(error))
            sys.exit(1)

    def invoke(self, ctx: Any) -> Any:
        """Run a command; after Ctrl-C, print that it was interrupted."""
        try:
            return super().invoke(ctx)
        except (KeyboardInterrupt, asyncio.CancelledError):
            _say("Interrupted. The progress is recorded; repeat the command to continue.")
            raise typer.Exit(INTERRUPTED) from None


def sentence(error: Exception) -> str:
    """Return the sentence that people read for an error; details of an unexpected one are written to a file."""
    if isinstance(error, MarketdayError):
        return f"{error.title}: {error.detail}" if error.detail else error.title
    return f"{_what_happened(error)}. {_kept(error)}"


def _what_happened(error: Exception) -> str:
    if isinstance(error, ValidationError):
        wrong = "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors()[:5])
        return f"{error.title} is not valid: {_short(wrong)}"
    if isinstance(error, OSError) and error.errno in _FULL:
        return f"{_place(error)}: no space left on the disk; free some, and repeat the command"
    if isinstance(error, OSError) and error.filename is not None:
        return f"{_place(error)}: {error.strerror}; expected a file or folder that this account may use"
    if isinstance(error, DRIVER_ERRORS):
        return f"A server does not answer as expected ({_words(error)}); `marketday up` starts the mall"
    if isinstance(error, MemoryError):
        return "Not enough memory; end other programs, and repeat the command"
    return f"Unexpected error ({_words(error)})"


def keep_details(text: str) -> Path | None:
    """Write `text` to a new file that only its owner can read; return None if that fails too."""
    try:
        descriptor, name = tempfile.mkstemp(prefix="marketday-", suffix=".log")
        with os.fdopen(descriptor, "w", encoding="utf-8", errors="backslashreplace") as file:
            file.write(redacted(f"marketday {__version__}, {' '.join(sys.argv[1:])[:_SHOWN]}\n\n{text}\n"))
    except OSError:
        return None
    return Path(name)


def log_to_people() -> None:
    """Print log events as lines on standard error; a traceback goes to a file that the line names."""
    structlog.configure(
        processors=[_without_traceback, structlog.processors.add_log_level, _line],
        wrapper_class=structlog.make_filtering_bound_logger("warning"),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )


def _without_traceback(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    error = event.pop("exc_info", None)
    error = sys.exc_info()[1] if error is True else error
    if isinstance(error, MarketdayError):
        raise structlog.DropEvent  # the command prints this error itself
    if isinstance(error, BaseException):
        event["detail"] = f"{_words(error)}. {_kept(error)}"
    return event


def _line(_: Any, __: str, event: MutableMapping[str, Any]) -> str:
    level, name = event.pop("level", "warning"), event.pop("event", "")
    facts = ", ".join(f"{key} {value}" for key, value in event.items() if value not in (None, ""))
    return " ".join(redacted(f"{level}: {name}: {facts}").split())


def _quiet() -> None:
    """Keep libraries from printing their own tracebacks."""
    logging.getLogger("asyncio").addHandler(logging.NullHandler())
    logging.lastResort = None


def _kept(error: BaseException) -> str:
    file = keep_details("".join(traceback.format_exception(error)))
    return f"Details are in {file}" if file else "The details could not be written to a file"


def _place(error: OSError) -> str:
    return _short(json.dumps(str(error.filename), ensure_ascii=False)[1:-1]) if error.filename else "A file"


def _words(error: BaseException) -> str:
    return _short(f"{type(error).__name__}: {error}" if str(error) else type(error).__name__)


def _short(text: str) -> str:
    text = " ".join(redacted(text).split())
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."


def _say(words: str) -> None:
    try:
        Console(stderr=True).print(words, style="red", markup=False, highlight=False, soft_wrap=True)
    except OSError:  # the reader has closed standard error
        return
