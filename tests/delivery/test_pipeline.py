"""The stages of the Jenkinsfile, run in its order on a small change, from the commit to the deployment repository.

Real are git, make, the tools of lint and test, detect-secrets, pip-audit, buildah, syft, skopeo, the registry, the
signature, kustomize, schemas, policies, and trivy's scan of manifests. Stand-ins are SonarQube with its scanner, OSV,
trivy's scan of images, the cluster, the mall's address and Slack.
"""

import base64
import json
import subprocess
import urllib.request

import pytest

from . import ground, standins
from .jenkins import stages

pytestmark = pytest.mark.long

CHANGED = "src/marketday/apps/mall.py"


@pytest.fixture(scope="module")
def delivered(delivery, tmp_path_factory):
    """Run all stages; the digest that the cluster runs is known only when it was released."""
    text = (delivery.folder / CHANGED).read_text("utf-8")
    commit = ground.commit(delivery.folder, {CHANGED: f"{text}\n# A small change.\n"}, "Change a comment")
    kubectl = tmp_path_factory.mktemp("cluster") / "kubectl"
    delivery.settings["DELIVERY_KUBECTL"] = str(kubectl)
    ran = []
    for name, command, _ in stages():
        if name == "smoke":  # Argo CD's work: the cluster runs what main says
            ground.write_program(kubectl, standins.program(standins.rollout(f"x/marketday/mall@{digest(delivery)}")))
        status, said = delivery.stage(command)
        assert status == 0, f"{command}: {said}"
        ran.append(name)
    return commit, ran


def digest(delivery):
    return json.loads((delivery.folder / "build/images/images.json").read_text("utf-8"))["mall"]["digest"]


def overlay(delivery, branch, name="staging"):
    path = f"{branch}:{name}/overlays/{name}/kustomization.yaml"
    return ground.git("show", path, cwd=delivery.settings["DELIVERY_REPOSITORY"])


def test_each_stage_of_the_jenkinsfile_ran_in_its_order(delivered):
    assert delivered[1] == [name for name, _, _ in stages()]


def test_the_registry_has_what_was_built_with_a_signature_that_openssl_takes(delivery, delivered, tmp_path):
    place = f"http://{delivery.settings['DELIVERY_REGISTRY']}/v2/marketday/mall"
    accept = {"Accept": "application/vnd.oci.image.manifest.v1+json"}

    def get(path):
        asked = urllib.request.Request(f"{place}/{path}", headers=accept)  # noqa: S310
        with urllib.request.urlopen(asked, timeout=10) as answer:  # noqa: S310
            return answer.headers.get("Docker-Content-Digest"), answer.read()

    built = digest(delivery)
    assert get(f"manifests/{delivered[0]}")[0] == built
    (layer,) = json.loads(get(f"manifests/{built.replace(':', '-')}.sig")[1])["layers"]
    payload = get(f"blobs/{layer['digest']}")[1]
    assert json.loads(payload)["critical"]["image"] == {"docker-manifest-digest": built}
    (tmp_path / "payload").write_bytes(payload)
    (tmp_path / "signature").write_bytes(base64.b64decode(layer["annotations"]["dev.cosignproject.cosign/signature"]))
    command = ["openssl", "dgst", "-sha256", "-verify", delivery.settings["DELIVERY_PUBLIC_KEY"]]
    done = subprocess.run(
        [*command, "-signature", tmp_path / "signature", tmp_path / "payload"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.strip() == "Verified OK", done.stderr


def test_main_of_the_deployment_repository_has_the_digest_and_the_account_s_values(delivery, delivered):
    repository, text = delivery.settings["DELIVERY_REPOSITORY"], overlay(delivery, "main")
    assert text.count(digest(delivery)) == 1
    assert text.count(ground.BUILT) == 3  # of the images that were not delivered
    assert text.count(f"{ground.ACCOUNT}.dkr.ecr") == 4
    assert "111122223333" not in text
    assert "staging/overlays/staging/account.yaml" in ground.git("ls-tree", "-r", "--name-only", "main", cwd=repository)
    changed = ground.git("diff", "--name-only", "main^", "main", cwd=repository).split()
    assert {name.split("/")[0] for name in changed} == {"staging"}


def test_slack_was_told(delivery, delivered):
    told = [json.loads(body)["text"] for _, body, _ in delivery.slack.asked]
    assert len(told) == 1
    assert delivered[0][:12] in told[0]


def test_all_after_the_build_can_be_repeated_and_changes_nothing(delivery, delivered):
    before = ground.git("rev-parse", "main", cwd=delivery.settings["DELIVERY_REPOSITORY"])
    for name, command, _ in stages():
        if name in {"push", "sign", "commit", "render", "release"}:
            status, said = delivery.stage(command)
            assert status == 0, said
    assert ground.git("rev-parse", "main", cwd=delivery.settings["DELIVERY_REPOSITORY"]) == before
