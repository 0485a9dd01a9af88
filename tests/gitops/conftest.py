import pytest
from ci.gitops import render
from ci.gitops.programs import TOOLS

from .repository import application, lay

VERSION = "1.35"


@pytest.fixture(scope="session", autouse=True)
def _tools():
    if not (TOOLS / "bin" / "helm").exists():
        pytest.skip("helm is not installed in .venv-manifests; `make gitops` installs it")


@pytest.fixture
def own(tmp_path):
    """Render an Application of somebody else's own: its sources and the files of its repository."""

    def rendered(files, *sources, charts=None, texts=(), **spec):
        folder = lay(tmp_path / "shop", files)
        file = tmp_path / "app.yaml"
        file.write_text("---\n".join([application(*sources, **spec), *texts]), "utf-8")
        places = {"https://git.example.com/shop.git": folder}
        return render.applications([file], places, tmp_path / "work", charts, VERSION, "own").rendered

    return rendered
