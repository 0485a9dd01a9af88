"""Clients close idle connections before the service does: the load balancer, and nginx on this machine."""

import re
from pathlib import Path

import pytest
import uvicorn

from marketday.apps import gate, serving, store
from marketday.kit.settings import ServiceSettings

ROOT = Path(__file__).parents[3]
BALANCER = ROOT / "infra/terraform/modules/load_balancer/main.tf"
EDGE = ROOT / "src/marketday/provisioners/local/edge/event.conf"


def test_the_edge_on_this_machine_closes_first_too():
    kept = re.findall(r"keepalive_timeout (\d+)s;", EDGE.read_text("utf-8"))
    assert [seconds for seconds in kept if int(seconds) >= serving.KEEP_ALIVE_SECONDS] == []
    assert len(kept) == 3


@pytest.mark.parametrize("service", [gate, store])
def test_a_service_keeps_an_idle_connection_longer_than_the_load_balancer(monkeypatch, service):
    served = {}
    monkeypatch.setattr(uvicorn, "run", lambda app, **how: served.update(how, app=app))
    monkeypatch.setattr(service, "Settings", lambda: ServiceSettings(port=8080))
    monkeypatch.setattr(service, "configure", lambda *_: None)
    service.main()
    [idle] = re.findall(r"^  idle_timeout += (\d+)\b", BALANCER.read_text("utf-8"), re.MULTILINE)
    assert served["timeout_keep_alive"] == serving.KEEP_ALIVE_SECONDS > int(idle)
    assert (served["factory"], served["port"], served["app"].args[0].func) == (True, 8080, service.create_app)
