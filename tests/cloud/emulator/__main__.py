"""Start the emulator: `python -m emulator [PORT] [LOG] [--attached]`, from the directory above.

It prints its address once it listens. With `--attached` it goes on by itself then, and ends when nobody holds the other
end of its input any more.
"""

import argparse
import logging
import os
import sys
import threading
from pathlib import Path

os.environ.setdefault("MOTO_IAM_LOAD_MANAGED_POLICIES", "true")
os.environ.setdefault("MOTO_ACM_VALIDATION_WAIT", "1")
# 1300 images and snapshots in each region of each account: a second for each sweep that has them listed.
os.environ.setdefault("MOTO_EC2_LOAD_DEFAULT_AMIS", "false")

from emulator.server import listen


def end_with_input() -> None:
    """Wait until nobody holds the other end of our input, and end."""
    sys.stdin.read()
    os._exit(0)


def main() -> None:
    """Serve until we are told to end."""
    arguments = argparse.ArgumentParser(description="An emulated AWS on this machine.")
    arguments.add_argument("port", nargs="?", type=int, default=0, help="0, the default: any that is free")
    arguments.add_argument("log", nargs="?", type=Path, help="a file for one line of JSON for each call")
    arguments.add_argument("--attached", action="store_true", help="go on by itself, until the input is closed")
    chosen = arguments.parse_args()
    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    server = listen(chosen.port, chosen.log)
    sys.stdout.write(f"http://127.0.0.1:{server.port}\n")
    sys.stdout.flush()
    if chosen.attached:
        if os.fork():
            os._exit(0)  # nobody has to wait for the one that goes on
        threading.Thread(target=end_with_input, daemon=True).start()
    server.serve_forever()


if __name__ == "__main__":
    main()
