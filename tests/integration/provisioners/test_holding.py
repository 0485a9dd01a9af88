"""The lock on a home is the kernel's: it ends with the process that holds it."""

import subprocess
import sys

import pytest

from marketday.provisioners.local.errors import HomeInUse
from marketday.provisioners.local.holding import hold_home
from marketday.provisioners.local.home import find_home


@pytest.fixture
def home(tmp_path):
    (tmp_path / "home").mkdir()
    return find_home(tmp_path / "home")


def test_the_lock_ends_with_its_holder(home):
    holding = (
        "import sys, time; from pathlib import Path; from marketday.provisioners.local.holding import hold_home;"
        "from marketday.provisioners.local.home import find_home\n"
        "with hold_home(find_home(Path(sys.argv[1])), 'marketday down'):\n    print('held', flush=True)\n"
        "    time.sleep(600)"
    )
    with subprocess.Popen([sys.executable, "-c", holding, str(home.root)], stdout=subprocess.PIPE) as child:
        assert child.stdout.readline() == b"held\n"
        with pytest.raises(HomeInUse, match=f"process {child.pid} on"), hold_home(home, "marketday down"):
            pass
        child.kill()
        child.wait()
    with hold_home(home, "marketday down"):
        pass
