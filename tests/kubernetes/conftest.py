import pytest

from .manifests import HERE, OVERLAYS, TOOLS, render


@pytest.fixture(scope="session")
def trees():
    """The objects of each overlay."""
    if not (TOOLS / "kubectl").exists():
        pytest.skip("the tools of infra/kubernetes/tools.lock are not installed; `make manifests` installs them")
    return {overlay: render(HERE / "overlays" / overlay) for overlay in OVERLAYS}


@pytest.fixture(scope="session")
def prod(trees):
    return trees["prod"]
