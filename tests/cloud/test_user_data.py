"""What a build host does when it boots, as far as that runs here: systemctl is a stand-in that writes down."""

import os
import re
import shutil
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path
from textwrap import dedent

import pytest

from marketday.provisioners.terraform.ec2 import LONGEST_LIFE

from .terraform import STACKS

UNITS = "/etc/systemd/system"
SYSTEMCTL = '#!/bin/sh\necho "$*" >> "$(dirname "$0")/calls"\n'
USER_DATA = (STACKS / "modules" / "build_host" / "user_data.yaml.tftpl").read_text("utf-8")
# One script: cloud-init runs it at every boot, by /bin/sh.
BOOT = dedent(re.search(r"^bootcmd:\n(?:  #.*\n)*  - \|\n((?:    .*\n)+)runcmd:\n", USER_DATA, re.MULTILINE)[1])


class Machine:
    """A machine's units, and what was said to its systemd."""

    def __init__(self, folder: Path):
        self.units, self.tools = folder / "units", folder / "tools"
        for each in (self.units, self.tools):
            each.mkdir()
        (self.tools / "systemctl").write_text(SYSTEMCTL)
        (self.tools / "systemctl").chmod(0o755)

    def boots(self):
        """Do what cloud-init does at every boot; return what was said to systemd."""
        calls = self.tools / "calls"
        calls.unlink(missing_ok=True)
        assert UNITS in BOOT
        environment = {"PATH": f"{self.tools}:{os.environ['PATH']}"}
        subprocess.run(["/bin/sh", "-eu", "-c", BOOT.replace(UNITS, str(self.units))], env=environment, check=True)
        return calls.read_text().splitlines() if calls.exists() else []

    @property
    def timer(self):
        return self.units / "marketday-end.timer"

    @property
    def ends_at(self):
        moment = re.search(r"^OnCalendar=(.+ UTC)$", self.timer.read_text(), re.MULTILINE)[1]
        return datetime.strptime(moment, "%Y-%m-%d %H:%M:%S %Z").replace(tzinfo=UTC)


@pytest.fixture
def machine(tmp_path):
    return Machine(tmp_path)


def test_a_machine_sees_to_its_own_end_before_anything_else(machine):
    before = datetime.now(UTC).replace(microsecond=0)
    assert machine.boots() == [
        "daemon-reload",
        "enable marketday-end.timer",
        "start --no-block marketday-end.timer",
        "mask --now sshd.service",
    ]
    assert timedelta() <= machine.ends_at - before - LONGEST_LIFE < timedelta(minutes=1)
    assert "ExecStart=/usr/bin/systemctl poweroff\n" in machine.timer.with_suffix(".service").read_text()
    assert "\nPersistent=true\n" in machine.timer.read_text()


def test_a_reboot_puts_off_no_end_and_shuts_nobody_out(machine):
    machine.boots()
    machine.timer.write_text(machine.timer.read_text().replace("OnCalendar=2", "OnCalendar=1"))
    ends_at = machine.ends_at
    assert machine.boots() == []
    assert machine.ends_at == ends_at


def test_systemd_understands_the_timer(machine):
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd-analyze is not on this machine")
    machine.boots()
    done = subprocess.run(
        ["systemd-analyze", "verify", str(machine.timer)], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
