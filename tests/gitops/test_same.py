"""A rendered tree is the same each time: other locale, other time zone, other folder, another account."""

import hashlib
import os
import pwd
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from ci.gitops.programs import TOOLS

from .repository import CHART, CONFIG, WEB, application, lay

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from ci.gitops import render
app, shop, place = map(Path, sys.argv[2:5])
folders = {"https://git.example.com/shop.git": shop}
found = render.applications([app], folders, place / "work", None, "1.35", "own").rendered
render.write(found, place / "out")
print([each.problems for each in found.values()])
"""


def tree(folder):
    return {
        str(file.relative_to(folder)): hashlib.sha256(file.read_bytes()).hexdigest() for file in folder.rglob("*.yaml")
    }


@pytest.fixture
def shop(tmp_path):
    files = {f"chart/{name}": text for name, text in CHART.items()}
    text = "résumé 한국어 2026-11-29"
    files |= {"base/kustomization.yaml": "resources: [a.yaml]\nconfigMapGenerator: [{name: m, literals: [a=1]}]\n"}
    files |= {"base/a.yaml": WEB, "plain/c.yaml": CONFIG | {"data": {"text": text}}}
    return lay(tmp_path / "shop", files)


def rendered(app, shop, place, user=None, **environment):
    place.mkdir(mode=0o777, parents=True)
    place.chmod(0o777)
    command = [sys.executable, "-c", PROGRAM, str(ROOT), str(app), str(shop), str(place)]
    surroundings = {"PATH": os.environ["PATH"], "PYTHONDONTWRITEBYTECODE": "1", **environment}
    done = subprocess.run(
        command, env=surroundings, cwd=place, user=user, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == "[[]]\n"
    return tree(place / "out")


def test_it_is_the_same_byte_for_byte(shop, tmp_path):
    app = tmp_path / "app.yaml"
    app.write_text(application({"path": "chart"}, {"path": "base"}, {"path": "plain"}), "utf-8")
    first = rendered(app, shop, tmp_path / "a", LC_ALL="C", TZ="UTC", HOME="/")
    assert list(first) == ["own/shop.yaml"]
    elsewhere = shutil.copytree(shop, tmp_path / "another place" / "of-it")
    other = {
        "LC_ALL": "tr_TR.UTF-8",
        "TZ": "Asia/Seoul",
        "HOME": "/nonexistent",
        "PYTHONHASHSEED": "7",
        "HELM_DEBUG": "1",
    }
    assert rendered(app, elsewhere, tmp_path / "b", **other) == first


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can be somebody else")
def test_it_is_the_same_for_another_account(shop):
    place = Path("/var/tmp") / f"gitops-{os.getpid()}"  # noqa: S108 - pytest's own folders are for one account
    if not all(map(_passable, (ROOT, TOOLS, Path(sys.executable).resolve().parent))):
        pytest.skip("another account cannot reach this folder or Python")
    shutil.copytree(shop, place / "shop")
    try:
        app = place / "app.yaml"
        app.write_text(application({"path": "chart"}, {"path": "base"}, {"path": "plain"}), "utf-8")
        place.chmod(0o755)
        nobody = pwd.getpwnam("nobody").pw_uid
        assert rendered(app, place / "shop", place / "b", user=nobody) == rendered(app, place / "shop", place / "a")
    finally:
        shutil.rmtree(place)


def _passable(folder):
    return all(each.stat().st_mode & 0o005 == 0o005 for each in [folder, *folder.parents])
