"""The start of the command `marketday`: loading the rest takes a while, and Ctrl-C may be pressed during that time."""

import os
import signal
import sys
from typing import Any

from marketday import __version__

_INTERRUPTED = 130  # 128 + SIGINT, as shells count; cli.guard says the same once it is loaded


def main() -> None:
    """Load the commands and run one; `--version` is answered without loading them."""
    if sys.argv[1:] == ["--version"]:
        sys.stdout.write(f"marketday {__version__}\n")
        return
    usual = signal.getsignal(signal.SIGINT)
    if usual is signal.default_int_handler:  # if Ctrl-C was ignored at the start, it stays ignored
        signal.signal(signal.SIGINT, _leave)
    from marketday.apps import command  # noqa: PLC0415 - this is what takes a while

    signal.signal(signal.SIGINT, usual)
    command.main()


def _leave(*_: Any) -> None:
    os.write(2, b"Interrupted. Nothing was started.\n")
    os._exit(_INTERRUPTED)  # an exception would print a traceback from an import


if __name__ == "__main__":
    main()
