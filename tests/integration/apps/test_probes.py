"""The probes of the manifests are answered, whoever asks, and only the one at the start asks the database."""

from pathlib import Path

import httpx
import pytest
import yaml

from marketday.apps import console, controller, mall
from marketday.testing.accounts import ed25519_key

BASE = Path(__file__).parents[3] / "infra/kubernetes/base"
AWAY = "postgresql://mall:hush@127.0.0.1:1/mall"
KUBELET = "http://10.0.3.17:8080"  # asks a pod by its address
SERVICES = {"mall": mall, "console": console, "controller": controller}


def probes(name):
    """The path of each probe."""
    objects = yaml.safe_load_all((BASE / f"{name}.yaml").read_text("utf-8"))
    (pods,) = (one for one in objects if one["kind"] in {"Deployment", "Rollout"})
    (container,) = pods["spec"]["template"]["spec"]["containers"]
    return {kind: container[f"{kind}Probe"]["httpGet"]["path"] for kind in ("startup", "readiness", "liveness")}


@pytest.fixture
def settings(tmp_path, valkey_url):
    """The settings of each service, by its name and the database's URL."""
    key = tmp_path / "key.json"
    key.write_text(ed25519_key(), "utf-8")
    addresses = {"port": 8080, "public_url": "https://mall.example", "valkey_url": valkey_url}
    signed = {**addresses, "signing_key_file": key, "gateway_url": "http://127.0.0.1:1", "gateway_key": "unused"}
    given = {"mall": signed, "console": addresses, "controller": {**signed, "home": tmp_path / "home"}}
    return lambda name, url: SERVICES[name].Settings(**given[name], database_url=url)


async def answers(name, settings, url):
    """The status of each probe's answer."""
    app = SERVICES[name].create_app(settings(name, url))
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url=KUBELET) as kubelet:
            return {kind: (await kubelet.get(path)).status_code for kind, path in probes(name).items()}


@pytest.mark.parametrize("name", ["mall", "console"])
async def test_probes_are_answered(name, settings, mall_database_url):
    assert set((await answers(name, settings, mall_database_url)).values()) == {200}


@pytest.mark.parametrize(("name", "start"), [("mall", 503), ("console", 200)])
async def test_without_its_database_a_running_service_stays_in_service(name, start, settings):
    assert await answers(name, settings, AWAY) == {"startup": start, "readiness": 200, "liveness": 200}


def test_the_controller_has_the_paths_of_its_probes(settings):
    paths = {route.path for route in controller.create_app(settings("controller", AWAY)).routes}
    assert set(probes("controller").values()) <= paths
