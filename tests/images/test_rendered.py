"""The containers that Terraform plans are ones that the images can run."""

import pytest
from images.workshop import NAMES
from tests.cloud import stack_variables as given

from .rendered import PREFIX, containers


@pytest.fixture(scope="module")
def planned(terraform, mocked, tmp_path_factory):
    database = {"host": "db.internal", "port": 5432, "name": "drop"}
    mall = given.mall(f"{PREFIX}payment-key-AbCdEf")
    return containers(terraform, mocked, tmp_path_factory.mktemp("stacks"), database, mall)


def test_each_container_runs_a_module_of_its_own_image(planned):
    assert set(planned) == {"gate", "migrate", "store", "worker"} < set(NAMES)
    for name, container in planned.items():
        assert container["image"].rpartition("/")[2].partition(":")[0] == name
        assert container["command"][0] == f"marketday.apps.{name}", "the entry point is python3 -m"


def test_no_container_needs_a_shell_or_writes_into_its_image(planned):
    for container in planned.values():
        assert container["readonlyRootFilesystem"]
        assert "sh" not in container["command"]
        assert container.get("healthCheck", {}).get("command", ["CMD", "python3"])[:2] == ["CMD", "python3"]


def test_what_a_service_has_to_know_comes_as_a_variable(planned):
    names = {name: {each["name"] for each in container["environment"]} for name, container in planned.items()}
    assert {"MARKETDAY_JWKS", "MARKETDAY_PUBLIC_URL"} <= names["gate"] & names["store"]
    held = {name: {each["name"] for each in container["secrets"]} for name, container in planned.items()}
    assert "MARKETDAY_OWNER_SECRET" in held["migrate"]
    assert "MARKETDAY_OWNER_SECRET" not in held["gate"] | held["store"] | held["worker"]
