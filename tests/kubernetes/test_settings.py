"""What a manifest gives a process is what the process's Settings take: nothing unknown, nothing required missing."""

import os
import re
from urllib.parse import urlsplit

import pytest

from marketday.apps import aws, console, controller, mall, migrate_mall
from marketday.payments.ports import LONGEST_ANSWER_SECONDS

from .manifests import HERE, ROOT, find

SERVICES = {
    "Rollout/mall": (mall.Settings,),
    "Deployment/console": (console.Settings,),
    "Deployment/controller": (controller.Settings, aws.Settings),
    "Job/migrate-expand": (migrate_mall.Settings,),
    "Job/migrate-contract": (migrate_mall.Settings,),
}
OF_LIBRARIES = {"AWS_DEFAULT_REGION", "AWS_EC2_METADATA_DISABLED"}
# What External Secrets puts into the variables: the form that the secrets of infra/terraform/prod have.
SECRETS = {
    "MARKETDAY_DATABASE_URL": "postgresql://mall_owner:hush@database:5432/mall",
    "MARKETDAY_VALKEY_URL": "rediss://mall:hush@cache:6379/0",
    "MARKETDAY_GATEWAY_KEY": "hush",
}


def variables(objects, container):
    """The variables of a container, by the ConfigMaps and secrets that it names."""
    found = {}
    for source in container["envFrom"]:
        if "configMapRef" in source:
            found |= find(objects, f"ConfigMap/{source['configMapRef']['name']}")["data"]
        else:
            secret = find(objects, f"ExternalSecret/{source['secretRef']['name']}")["spec"]
            keys = [one["secretKey"] for one in secret.get("data", [])] or secret["target"]["template"]["data"]
            found |= {key: SECRETS[key] for key in keys}
    return found


@pytest.fixture(params=["prod", "staging"])
def tree(request, trees):
    return trees[request.param]


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_gets_its_settings(tree, monkeypatch, name):
    (container,) = find(tree, name)["spec"]["template"]["spec"]["containers"]
    given = variables(tree, container)
    known = {f"MARKETDAY_{field.upper()}" for kind in SERVICES[name] for field in kind.model_fields}
    assert set(given) - known - OF_LIBRARIES == set()
    for variable in [one for one in os.environ if one.startswith("MARKETDAY_")]:
        monkeypatch.delenv(variable)
    for variable, value in given.items():
        monkeypatch.setenv(variable, value)
    for kind in SERVICES[name]:
        settings = kind()
        if hasattr(settings, "port"):
            assert (settings.host, settings.port) == ("0.0.0.0", container["ports"][0]["containerPort"])


@pytest.mark.parametrize("name", SERVICES)
def test_a_container_starts_the_program_of_its_settings(prod, name):
    (container,) = find(prod, name)["spec"]["template"]["spec"]["containers"]
    options = ["--phase", name.rpartition("-")[2]] if name.startswith("Job/") else []
    assert "command" not in container, "the image's own is python3 -m"
    assert container["args"] == [SERVICES[name][0].__module__, *options]
    assert f"/marketday/{name.partition('/')[2].partition('-')[0]}@" in container["image"]


@pytest.mark.parametrize("overlay", ["prod", "staging"])
def test_the_controllers_settings_are_the_output_of_the_stack_permanent(overlay):
    """So `terraform output -raw settings > controller.env` gives all of them, with a way for notices beside Slack."""
    stack = (ROOT / "infra" / "terraform" / "permanent" / "settings.tf").read_text("utf-8")
    written = (HERE / "overlays" / overlay / "controller.env").read_text("utf-8")
    put_out = re.findall(r"^    (MARKETDAY_\w+) +=", stack, re.MULTILINE)
    assert sorted(re.findall(r"^(\w+)=", written, re.MULTILINE)) == sorted(put_out)
    elsewhere = {"WORK_FOLDER", "LOG_LEVEL"}  # their defaults are right
    assert {f"MARKETDAY_{field.upper()}" for field in aws.Settings.model_fields} == {
        *put_out,
        *(f"MARKETDAY_{name}" for name in elsewhere),
    }


def test_files_that_settings_name_are_mounted(prod):
    for name in SERVICES:
        pod = find(prod, name)["spec"]["template"]["spec"]
        (container,) = pod["containers"]
        places = [one["mountPath"] for one in container.get("volumeMounts", [])]
        given = variables(prod, container)
        files = ["/etc/marketday/database-ca.pem", given.get("MARKETDAY_SIGNING_KEY_FILE")]
        assert [file for file in files if file and not file.startswith(tuple(f"{one}/" for one in places))] == [], name
    key = find(prod, "ExternalSecret/signing-key")["spec"]["data"][0]["secretKey"]
    assert find(prod, "ConfigMap/mall")["data"]["MARKETDAY_SIGNING_KEY_FILE"].endswith(f"/{key}")
    url = find(prod, "ExternalSecret/database")["spec"]["target"]["template"]["data"]["MARKETDAY_DATABASE_URL"]
    (ca,) = find(prod, "ConfigMap/database-ca")["data"]
    assert url.endswith(f"?sslmode=verify-full&sslrootcert=/etc/marketday/{ca}")


def test_the_controller_has_no_place_to_write(prod):
    """It needs none (tests/cloud/test_controller_pod.py)."""
    pod = find(prod, "Deployment/controller")["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    assert container["securityContext"]["readOnlyRootFilesystem"]
    assert {kind for volume in pod["volumes"] for kind in volume if kind != "name"} == {"secret", "configMap"}
    assert all(mount.get("readOnly") for mount in container["volumeMounts"])
    assert not {"MARKETDAY_HOME", "TMPDIR"} & set(variables(prod, container))


@pytest.mark.parametrize("name", ["mall", "console"])
def test_addresses_and_networks_are_the_load_balancers(tree, name):
    given = find(tree, f"ConfigMap/{name}")["data"]
    (rule,) = find(tree, f"Ingress/{name}")["spec"]["rules"]
    assert urlsplit(given["MARKETDAY_PUBLIC_URL"]).netloc == rule["host"]
    admitted = find(tree, f"NetworkPolicy/{name}")["spec"]["ingress"][0]["from"]
    assert given["MARKETDAY_TRUSTED_PROXIES"].split(",") == [one["ipBlock"]["cidr"] for one in admitted]


def test_mall_and_controller_sign_for_the_same_address(tree):
    shared = ("MARKETDAY_PUBLIC_URL", "MARKETDAY_GATEWAY_URL", "MARKETDAY_SIGNING_KEY_FILE")
    both = [find(tree, f"ConfigMap/{name}")["data"] for name in ("mall", "controller")]
    assert len({tuple(one[key] for key in shared) for one in both}) == 1


def test_a_pod_has_time_for_the_longest_answer():
    policy = (HERE / "policies/drain.rego").read_text("utf-8")
    assert float(re.search(r"answer_seconds := (\d+)", policy)[1]) >= LONGEST_ANSWER_SECONDS


def test_no_placeholder_of_the_base_is_left(tree):
    """`components/account` and the overlays put something in place of each word in capitals."""
    words = "CLUSTER REGION GROUP BALANCERS DATABASES ENDPOINTS EVENT_PLANES CERTIFICATE SUBNETS GATEWAY_URL"
    hosts = "MALL_HOST CONSOLE_HOST DATABASE_HOST"
    placeholder = re.compile(rf"(?<![A-Z_])(?:{'|'.join(f'{words} {hosts}'.split())})(?![A-Z_])")
    base = "".join(file.read_text("utf-8") for folder in ("base", "nodes") for file in (HERE / folder).iterdir())
    assert set(placeholder.findall(base)) == {*words.split(), *hosts.split()}
    assert [text for one in tree for text in texts(one) if placeholder.search(text)] == []


def texts(value):
    """Every text in an object, without its keys."""
    if isinstance(value, dict | list):
        return [text for one in (value.values() if isinstance(value, dict) else value) for text in texts(one)]
    return [str(value)]
