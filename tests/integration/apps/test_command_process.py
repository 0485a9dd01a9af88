"""The command as a process: interrupted while it loads, and left by whoever read what it prints."""

import os
import subprocess
import sys

from marketday.cli import guard
from marketday.testing.definitions import DAWN_SERUM


def test_an_interruption_while_the_command_is_loaded_is_one_sentence():
    interrupting = """
import os, signal, sys

class Interrupts:
    def find_spec(self, name, *_):
        if name == "marketday.apps.command":
            os.kill(os.getpid(), signal.SIGINT)

from marketday.apps.start import main
signal.signal(signal.SIGINT, signal.default_int_handler)
sys.meta_path.insert(0, Interrupts())
main()
"""
    words = [sys.executable, "-c", interrupting]
    done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=120)
    assert (done.returncode, done.stderr) == (guard.INTERRUPTED, "Interrupted. Nothing was started.\n")


def test_whoever_stops_reading_stops_the_command(tmp_path):
    file = tmp_path / "drop.toml"
    file.write_text(DAWN_SERUM, "utf-8")
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "wb") as closed:
        words = [sys.executable, "-m", "marketday.apps.command", "drop", "check", str(file)]
        done = subprocess.run(words, stdout=closed, stderr=subprocess.PIPE, text=True, check=False, timeout=120)
    assert "Traceback" not in done.stderr
