"""Ports are chosen by several processes at once."""

import json
import subprocess
import sys

from marketday.provisioners.local import ports


def test_who_chooses_at_the_same_time_gets_other_ports(monkeypatch):
    """Between the choice and the listening lie seconds: several planes are made at once."""
    monkeypatch.setattr(ports, "LAST_PORT", ports.FIRST_PORT + 199)
    choose = "import sys; from marketday.provisioners.local import ports; ports.LAST_PORT = ports.FIRST_PORT + 199; "
    choose += "print(ports.free_ports(50), flush=True); sys.stdin.read()"
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen([sys.executable, "-c", choose], **pipes) as other:
        theirs = set(json.loads(other.stdout.readline()))
        ours = set(ports.free_ports(50))
        other.communicate()
    assert (len(theirs), len(ours)) == (50, 50)
    assert not theirs & ours
