"""A real registry on this machine, for as long as a build needs it."""

import shutil
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from socket import socket

_START_SECONDS = 20.0
_CONFIG = """
version: 0.1
log: {{level: error, accesslog: {{disabled: true}}}}
storage: {{filesystem: {{rootdirectory: {folder}}}}}
http: {{addr: "{address}"}}
"""


@contextmanager
def registry(folder: Path) -> Iterator[str]:
    """Run Debian's docker-registry on a free port of loopback, with its data in `folder`; yield host and port."""
    with socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    settings = folder / "registry.yml"
    settings.write_text(_CONFIG.format(folder=folder / "data", address=address), "utf-8")
    with subprocess.Popen(
        ["docker-registry", "serve", settings], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as child:
        try:
            _wait(child, f"http://{address}/v2/")
            yield address
        finally:
            child.terminate()


def _wait(child: "subprocess.Popen[bytes]", url: str) -> None:
    until = time.monotonic() + _START_SECONDS
    while True:
        try:
            urllib.request.urlopen(url, timeout=2).close()  # noqa: S310 - http, and our own
        except (urllib.error.URLError, OSError):
            if child.poll() is not None or time.monotonic() > until:
                raise RuntimeError(f"docker-registry does not answer at {url}") from None
            time.sleep(0.05)
        else:
            return
