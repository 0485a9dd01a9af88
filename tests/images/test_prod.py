"""The prod plane's images, started as the rendered manifests say: migrations around a mall that serves; the console."""

import json
import re
import secrets
import shlex
import time
from contextlib import ExitStack
from datetime import UTC, datetime

import aiohttp
import pytest
from tests.cloud.emulated import shared_emulator
from tests.kubernetes.manifests import HERE, TOOLS, changed, find, render

from marketday.accounts.tokens import new_signing_key, parse_jwks, verify_identity
from marketday.kit.ids import new_id

from .containers import PORT, of_pod
from .in_flight import end_during

pytestmark = pytest.mark.long

MINA = {"email": "mina@example.com", "password": "correct horse battery", "name": "Mina"}
IN_FLIGHT = 12


@pytest.fixture(scope="module")
def manifests():
    """The objects of the overlay prod."""
    if not (TOOLS / "kubectl").exists():
        pytest.skip("the tools of infra/kubernetes/tools.lock are not installed; `make manifests` installs them")
    return render(HERE / "overlays" / "prod")


@pytest.fixture
def pod(manifests, image, postgres_server, valkey_url, sandbox, tmp_path):
    """`pod("Deployment/mall")`: its container, with what the cluster would give it."""
    name = f"mall_{new_id().hex}"
    postgres_server.execute(f"CREATE DATABASE {name}")
    held = {"MARKETDAY_DATABASE_URL": postgres_server.url(name), "MARKETDAY_VALKEY_URL": valkey_url}
    held["MARKETDAY_GATEWAY_KEY"] = sandbox.key
    key, authorities = tmp_path / "signing-key", tmp_path / "database-ca"
    for folder in (key, authorities):
        folder.mkdir(mode=0o755)
    (key / "signing-key.json").write_text(new_signing_key(), "utf-8")
    files = {"signing-key": key, "database-ca": authorities}
    objects = changed(manifests, ("ConfigMap/mall", "data|MARKETDAY_GATEWAY_URL", sandbox.url))
    yield lambda workload: of_pod(image, objects, workload, held, files)
    postgres_server.execute(f"DROP DATABASE {name} WITH (FORCE)")


def probes(manifests, name):
    """The paths that the kubelet asks, all of one named port."""
    (container,) = find(manifests, f"Deployment/{name}")["spec"]["template"]["spec"]["containers"]
    assert {"name": "http", "containerPort": PORT} in container["ports"]
    asked = [container[f"{kind}Probe"]["httpGet"] for kind in ("startup", "readiness", "liveness")]
    assert {each["port"] for each in asked} == {"http"}
    return [each["path"] for each in asked]


def migrated(container):
    done = container.run()
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads(done.stdout.splitlines()[-1])["applied"]


async def test_the_mall_serves_between_its_two_migrations_and_ends_without_losing_a_request(pod, manifests, tmp_path):
    assert "0001_shop.sql" in migrated(pod("Job/migrate-expand"))
    names = ("mall", "console")
    pods = {name: pod(f"Deployment/{name}") for name in names}
    with ExitStack() as stack:
        running = {name: stack.enter_context(pods[name].running(tmp_path)) for name in names}
        for name, container in running.items():
            for path in probes(manifests, name):
                container.wait_for(path)

        mall = running["mall"]
        host = pods["mall"].environment["MARKETDAY_PUBLIC_URL"].removeprefix("https://")
        headers = {"Host": host, "Idempotency-Key": secrets.token_hex(8)}
        async with aiohttp.ClientSession(mall.url, headers=headers) as session:
            async with session.post("/v1/accounts", json=MINA) as answer:
                assert answer.status == 201, await answer.text()
            async with session.get("/v1/products") as answer:
                assert answer.status == 200
            async with session.get("/.well-known/jwks.json") as answer:
                keys = parse_jwks(await answer.json())
            migrated(pod("Job/migrate-contract"))
            _, told = await sign_in(session)
            bearer = {"Authorization": f"Bearer {told['session']}"}
            async with session.post("/v1/identity-tokens", headers=bearer) as answer:
                identity = verify_identity((await answer.json())["token"], keys, datetime.now(UTC))
                assert str(identity.person_id) == told["id"]

            # A password takes a while to check: these are being answered when the mall is asked to end.
            answers = await end_during(mall, host, [sign_in(session) for _ in range(IN_FLIGHT)])
            assert [status for status, _ in answers] == [201] * IN_FLIGHT
        for name, container in running.items():
            if name != "mall":
                container.terminate()
            pause = find(manifests, f"Deployment/{name}")["spec"]["template"]["spec"]["containers"][0]["lifecycle"]
            begun = time.monotonic()
            assert container.ended() == 0, container.said()
            assert time.monotonic() - begun < pods[name].stop_seconds - pause["preStop"]["sleep"]["seconds"]


def test_staff_work_in_a_pod_of_the_mall_as_the_page_says(pod):
    """`kubectl exec` starts these words with the pod's variables and files."""
    page = (HERE.parents[1] / "docs" / "kubernetes.md").read_text("utf-8").replace("\\\n", " ")
    grant, bring = (shlex.split(each) for each in re.findall(r"exec .*?deploy/mall -- +(/usr/bin/python3 .*)", page))
    migrated(pod("Job/migrate-expand"))
    mall = pod("Deployment/mall")
    refused = mall.run(grant)
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "'you@example.com' has no account; expected" in refused.stderr
    catalogue = (HERE.parents[1] / "examples" / "catalog.csv").read_text("utf-8")
    for expected in (" created, 0 updated, 0 unchanged, 0 refused", "imported: 0 created, "):
        done = mall.run(bring, given=catalogue)
        assert done.returncode == 0, done.stderr
        assert expected in done.stdout


async def sign_in(session):
    """Sign in; return the status and the answer."""
    who = {"email": MINA["email"], "password": MINA["password"]}
    async with session.post("/v1/sessions", json=who) as answer:
        return answer.status, await answer.json()


def test_the_controller_reaches_its_records_in_the_mall_and_on_aws_and_ends(pod, manifests, tmp_path):
    migrated(pod("Job/migrate-expand"))
    controller = pod("Deployment/controller")
    with shared_emulator(tmp_path / "aws") as aws:
        account = aws.account()
        keys = (("pk", "HASH"), ("sk", "RANGE"))
        account.client("dynamodb").create_table(
            TableName=controller.environment["MARKETDAY_RUN_TABLE"],
            KeySchema=[{"AttributeName": name, "KeyType": kind} for name, kind in keys],
            AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name, _ in keys],
            BillingMode="PAY_PER_REQUEST",
        )
        controller.environment.update(account.environment)  # instead of the pod's identity
        with controller.running(tmp_path) as running:
            for path in probes(manifests, "controller"):
                running.wait_for(path)
            running.terminate()
            assert running.ended(controller.stop_seconds) == 0, running.said()
        assert {call["action"] for call in account.calls("dynamodb")} >= {"Query"}
