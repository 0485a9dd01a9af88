"""Each gate, run as Jenkins runs it, on what it must stop: commits, and sources of data that do not answer."""

import json

import pytest
from images.registry import registry

from . import ground, standins
from .commits import BAD

pytestmark = pytest.mark.long

NOWHERE = standins.OUT_OF_REACH


@pytest.fixture
def clone(delivery):
    """The clone as it was before, and afterwards again."""
    before = ground.git("rev-parse", "HEAD", cwd=delivery.folder).strip()
    yield delivery
    delivery.back(before)


def stopped(clone, command, **settings):
    """What a stage says that must stop."""
    status, said = clone.stage(command, **settings)
    assert status != 0, f"{command} did not stop: {said}"
    assert "Traceback" not in said
    return said


@pytest.mark.parametrize("name", BAD)
def test_a_commit_that_must_not_pass_is_stopped(clone, name):
    bad = BAD[name]
    files = {}
    for path, change in bad.files.items():
        file = clone.folder / path
        old = file.read_text("utf-8") if file.exists() else ""
        files[path] = change(old)
        assert files[path] != old
    ground.commit(clone.folder, files, f"Add {name}")
    assert bad.says in stopped(clone, bad.stage, **bad.settings)


def test_a_secret_that_a_later_commit_removes_is_stopped(clone):
    bad = BAD["a private key"]
    ((path, change),) = bad.files.items()
    ground.commit(clone.folder, {path: change("")}, "Add a key")
    (clone.folder / path).unlink()
    ground.commit(clone.folder, {}, "Remove it again")
    assert bad.says in stopped(clone, bad.stage)


def test_files_that_differ_from_the_commit_are_stopped(clone):
    (clone.folder / "a-file").write_text("of nobody", "utf-8")
    try:
        assert "files differ from the commit, such as a-file" in stopped(clone, "ci/01-checkout")
    finally:
        (clone.folder / "a-file").unlink()


def test_a_base_that_is_not_here_is_stopped(clone):
    base = "0" * 40
    for stage in ("ci/01-checkout", "ci/02-secrets"):
        assert f"{base} is not in this checkout" in stopped(clone, stage, DELIVERY_BASE=base)


OUT_OF_REACH = {
    "SonarQube": ("ci/05-quality", {"SONAR_HOST_URL": NOWHERE}, "SonarQube does not answer api/ce/task"),
    "SonarQube's scanner": ("ci/05-quality", {"DELIVERY_SONAR_SCANNER": "false"}, "false -Dproject.settings"),
    "no scanner at all": ("ci/05-quality", {"DELIVERY_SONAR_SCANNER": "none"}, "none cannot be started"),
    "a scanner that sent nothing": ("ci/05-quality", {"DELIVERY_SONAR_SCANNER": "true"}, "left no ceTaskId"),
    "no token": ("ci/05-quality", {"SONAR_TOKEN": ""}, "SONAR_TOKEN is not set"),
    "OSV": (
        "ci/06-dependencies",
        {"DELIVERY_OSV_URL": f"{NOWHERE}/v1/query"},
        "source does not answer, so nothing is known",
    ),
    "Slack": ("ci/16-message stopped", {"DELIVERY_SLACK_WEBHOOK": f"{NOWHERE}/x"}, "Slack did not take the message"),
}


@pytest.mark.parametrize("name", OUT_OF_REACH)
def test_what_does_not_answer_is_a_failure_with_that_reason(clone, name):
    command, settings, says = OUT_OF_REACH[name]
    assert says in stopped(clone, command, **settings)


def test_a_quality_gate_that_fails_stops(clone):
    with standins.serving(standins.sonarqube("new_code_smells")) as sonar:
        assert "new_code_smells is 1, limit 0" in stopped(clone, "ci/05-quality", SONAR_HOST_URL=sonar.url)


# After the build: an image of this commit is needed.


@pytest.fixture(scope="module")
def image(delivery):
    """Build one image of the clone's commit, if the stages before have not."""
    status, said = delivery.stage("ci/07-build")
    assert status == 0, said
    status, said = delivery.stage("ci/09-scan")
    assert status == 0, said
    return delivery


def test_trivy_without_its_database_stops_and_nothing_is_pushed(image, tmp_path):
    """The real trivy; the place of its database does not answer."""
    settings = {
        "DELIVERY_TRIVY": "",
        "TRIVY_DB_REPOSITORY": "127.0.0.1:9/aquasec/trivy-db:2",
        "TRIVY_CACHE_DIR": str(tmp_path),
    }
    said = stopped(image, "ci/09-scan", **settings)
    assert "mall could not be scanned, so nothing is known of it" in said
    assert "connection refused" in said
    assert "mall did not pass the scan" in stopped(image, "ci/10-push")
    assert image.stage("ci/09-scan")[0] == 0


def test_an_image_with_a_severe_vulnerability_stops_and_is_not_pushed(image, tmp_path):
    report = standins.trivy_report(("CVE-2026-1", "HIGH", "3.0.2"))
    trivy = ground.write_program(tmp_path / "trivy", standins.program(report))
    said = stopped(image, "ci/09-scan", DELIVERY_TRIVY=trivy)
    assert "CVE-2026-1 in libssl3 3.0.1, repaired in 3.0.2" in said
    assert "mall did not pass the scan" in stopped(image, "ci/10-push")
    assert image.stage("ci/09-scan")[0] == 0


def test_an_unsigned_digest_and_one_of_another_key_are_not_committed(image, tmp_path):
    with registry(tmp_path / "registry") as place:
        settings = {"DELIVERY_REGISTRY": place}
        assert image.stage("ci/10-push", **settings)[0] == 0
        assert "has no signature that can be read" in stopped(image, "ci/12-commit", **settings)
        private, public = ground.write_keys(tmp_path)
        others = {"DELIVERY_SIGNING_KEY": str(private), "DELIVERY_PUBLIC_KEY": str(public)}
        assert image.stage("ci/11-sign", **settings, **others)[0] == 0
        assert "has no signature by the key in" in stopped(image, "ci/12-commit", **settings)


def test_a_registry_out_of_reach_stops(image):
    nowhere = {"DELIVERY_REGISTRY": "127.0.0.1:9"}
    assert "skopeo copy" in stopped(image, "ci/10-push", **nowhere)
    assert "has no signature that can be read" in stopped(image, "ci/12-commit", **nowhere)


def test_a_manifest_that_breaks_a_policy_is_not_released(image, tmp_path):
    """Somebody changes the candidate; the pipeline takes it for its own."""
    for command in ("ci/10-push", "ci/11-sign", "ci/12-commit"):
        status, said = image.stage(command)
        assert status == 0, said
    repository = image.settings["DELIVERY_REPOSITORY"]
    main = ground.git("rev-parse", "main", cwd=repository)
    told = image.folder / "build/delivery/candidate.json"
    right = told.read_text("utf-8")
    ground.git("clone", "--quiet", "--branch=candidate", repository, tmp_path / "work", cwd=tmp_path)
    mall = "staging/base/mall.yaml"
    text = (tmp_path / "work" / mall).read_text("utf-8")
    assert "runAsNonRoot: true" in text
    files = {mall: text.replace("runAsNonRoot: true", "runAsNonRoot: false")}
    bad = ground.commit(tmp_path / "work", files, "Let the mall be root")
    ground.git("push", "--quiet", "origin", "candidate", cwd=tmp_path / "work")
    assert "candidate is " in stopped(image, "ci/13-render")
    told.write_text(json.dumps(json.loads(right) | {"candidate": bad}), "utf-8")
    (image.folder / "build/delivery/rendered.json").unlink(missing_ok=True)
    said = stopped(image, "ci/13-render")
    assert "the manifests of staging are refused" in said
    assert "Rollout/mall" in said
    assert "refused, 2 findings" in said
    assert "rendered.json; run ci/13-render first" in stopped(image, "ci/14-release")
    assert ground.git("rev-parse", "main", cwd=repository) == main
    assert image.stage("ci/12-commit")[0] == 0
    assert image.stage("ci/13-render")[0] == 0


def test_a_pod_of_another_digest_and_a_mall_that_does_not_answer_stop(image, tmp_path):
    digest = json.loads((image.folder / "build/images/images.json").read_text("utf-8"))["mall"]["digest"]
    kubectl = tmp_path / "kubectl"
    for running in (ground.BUILT, digest):
        ground.write_program(kubectl, standins.program(standins.rollout(f"x/marketday/mall@{running}")))
        said = stopped(image, "ci/15-smoke", DELIVERY_KUBECTL=str(kubectl), DELIVERY_SMOKE_URL=NOWHERE)
        assert (f"expected {digest}" in said) == (running != digest)
        assert f"{NOWHERE}/readyz does not answer" in said  # it asks all the time: the canary counts these requests
