import contextlib

import pytest
from images.registry import registry
from images.workshop import lacking

from . import ground, standins


@pytest.fixture(scope="session")
def delivery(tmp_path_factory):
    """A clone, and all that its stages ask: a real registry, and stand-ins of what cannot be had here."""
    if missing := lacking():
        pytest.skip(missing)
    folder = tmp_path_factory.mktemp("delivery")
    laid = ground.lay(folder)
    with contextlib.ExitStack() as servers:
        place = servers.enter_context(registry(folder / "registry"))
        sonar = servers.enter_context(standins.serving(standins.sonarqube()))
        osv = servers.enter_context(standins.serving(standins.osv(jinja2="3.1.0")))
        laid.slack = servers.enter_context(standins.serving(lambda *_: (200, "ok")))
        mall = servers.enter_context(standins.serving(standins.mall()))
        laid.settings |= {
            "DELIVERY_REGISTRY": place,
            "SONAR_HOST_URL": sonar.url,
            "DELIVERY_OSV_URL": f"{osv.url}/v1/query",
            "DELIVERY_SLACK_WEBHOOK": f"{laid.slack.url}/services/hook",
            "DELIVERY_SMOKE_URL": mall.url,
        }
        yield laid
