"""What each gate makes of the answers of its scanner: it stops at a finding, and at an answer that says nothing.

The stages themselves are run on commits that they must stop by test_stops.py.
"""

import datetime as dt
import hashlib
import json
import re

import pytest
from ci import contents, dependencies, deployment, quality, scan, signatures, waivers
from ci.stage import ROOT, Stopped
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from . import standins

TODAY = dt.date(2026, 11, 29)
REPOSITORY = "registry.example/marketday/mall"
DIGEST = "sha256:" + "1" * 64


# Quality


@pytest.fixture
def asked(monkeypatch):
    """Ask a stand-in of SonarQube for its gate."""
    monkeypatch.setattr(quality, "PAUSE_SECONDS", 0.01)
    monkeypatch.setenv("SONAR_TOKEN", "squ_of_a_stand_in")

    def ask(answer, allowed=()):
        with standins.serving(answer) as sonar:
            monkeypatch.setenv("SONAR_HOST_URL", sonar.url)
            number = quality.analysis("AX-task", 0.05)
            quality.judge(quality.ask("api/qualitygates/project_status", analysisId=number), set(allowed))
        return sonar

    return ask


def test_a_quality_gate_that_is_ok_is_passed(asked):
    sonar = asked(standins.sonarqube())
    assert [path for path, _, _ in sonar.asked] == ["/api/ce/task", "/api/qualitygates/project_status"]
    assert all("Authorization" in headers for _, _, headers in sonar.asked)


def test_a_smell_stops_and_a_waived_one_does_not(asked):
    with pytest.raises(Stopped, match=r"gate is ERROR: new_code_smells is 1, limit 0"):
        asked(standins.sonarqube("new_code_smells"))
    asked(standins.sonarqube("new_code_smells"), ["new_code_smells"])
    with pytest.raises(Stopped, match="new_bugs"):
        asked(standins.sonarqube("new_code_smells", "new_bugs"), ["new_code_smells"])


@pytest.mark.parametrize("status", ["FAILED", "CANCELED", "PENDING", "IN_PROGRESS", "anything"])
def test_a_task_that_does_not_end_well_stops(asked, status):
    waiting = status in {"PENDING", "IN_PROGRESS"}
    with pytest.raises(Stopped, match=f"is {status} after" if waiting else f"ended with {status}"):
        asked(standins.sonarqube(task=status))


@pytest.mark.parametrize(
    "answer",
    [
        {},
        {"projectStatus": {"status": "NONE", "conditions": []}},
        {"projectStatus": {"status": "ERROR", "conditions": []}},
    ],
)
def test_a_gate_that_says_nothing_stops(answer):
    with pytest.raises(Stopped, match="quality gate is"):
        quality.judge(answer, {"new_code_smells"})


def test_a_server_that_does_not_answer_stops(monkeypatch):
    monkeypatch.setenv("SONAR_TOKEN", "squ_of_a_stand_in")
    monkeypatch.setenv("SONAR_HOST_URL", standins.OUT_OF_REACH)
    with pytest.raises(Stopped, match="SonarQube does not answer api/ce/task"):
        quality.analysis("AX-task", 1)


# Dependencies


def audited(**changes):
    package = {"name": "jinja2", "version": "3.1.0", "vulns": []} | changes
    return json.dumps({"dependencies": [package], "fixes": []})


def test_an_audit_that_left_nothing_out_and_found_nothing_is_passed():
    assert dependencies.findings(audited(), {"jinja2"}) == []


def test_a_vulnerable_package_is_found_under_each_of_its_numbers():
    vulnerable = audited(vulns=[{"id": "PYSEC-1", "aliases": ["CVE-2026-1"], "fix_versions": []}])
    assert dependencies.findings(vulnerable, {"jinja2"}) == [("jinja2 3.1.0", {"PYSEC-1", "CVE-2026-1"})]


def test_a_waiver_covers_one_vulnerability_and_no_other_of_the_same_package():
    told = [{"id": "PYSEC-1", "aliases": ["CVE-2026-1"]}, {"id": "PYSEC-2", "aliases": []}]
    found = dependencies.findings(audited(vulns=told), {"jinja2"})
    assert dependencies.unwaived(found, {"CVE-2026-1"}) == [("jinja2 3.1.0", {"PYSEC-2"})]
    assert dependencies.unwaived(found, {"CVE-2026-1", "PYSEC-2"}) == []


@pytest.mark.parametrize("answer", ["", "No known vulnerabilities found", "[]", "{}", "null"])
def test_an_audit_without_a_list_stops(answer):
    with pytest.raises(Stopped, match="no list of packages"):
        dependencies.findings(answer, set())


def test_a_package_that_was_left_out_stops():
    with pytest.raises(Stopped, match=r"left out jinja2 \(not found\)"):
        dependencies.findings(json.dumps({"dependencies": [{"name": "jinja2", "skip_reason": "not found"}]}), set())
    with pytest.raises(Stopped, match="does not speak of flask"):
        dependencies.findings(audited(), {"jinja2", "flask"})


def test_the_lock_that_is_audited_has_every_package_that_runs_in_the_same_version():
    def pins(lock):
        return set(re.findall(r"^[a-z0-9.-]+==[^\s;\\]+", lock.read_text("utf-8"), re.MULTILINE))

    audited_lock = ROOT / "requirements-dev.lock"
    locks = {*ROOT.glob("requirements*.lock"), *ROOT.glob("images/*.lock")} - {ROOT / "images" / "tools.lock"}
    assert len(locks) > 10
    assert {lock.name: found for lock in locks if (found := pins(lock) - pins(audited_lock))} == {}


# Scan


@pytest.mark.parametrize("severity", ["HIGH", "CRITICAL"])
def test_a_severe_vulnerability_with_a_repair_is_found(severity):
    found = scan.vulnerabilities("mall", standins.trivy_report(("CVE-2026-1", severity, "3.0.2")))
    assert found == {"CVE-2026-1": "libssl3 3.0.1, repaired in 3.0.2"}


def test_what_is_not_severe_or_has_no_repair_does_not_stop():
    report = standins.trivy_report(("CVE-2026-1", "MEDIUM", "3.0.2"), ("CVE-2026-2", "CRITICAL", ""))
    assert scan.vulnerabilities("mall", report) == {}


@pytest.mark.parametrize(
    ("report", "why"),
    [
        ("", "no results"),
        ("{}", "no results"),
        ('{"Results": null}', "no results"),
        ('{"Results": []}', "not looked at both"),
        ('{"Results": [{"Class": "os-pkgs"}]}', "not looked at both"),
    ],
)
def test_a_report_about_nothing_stops(report, why):
    with pytest.raises(Stopped, match=why):
        scan.vulnerabilities("mall", report)


def image(folder, user):
    """The layout of an image that this user runs."""

    def blob(value):
        content = json.dumps(value).encode()
        number = hashlib.sha256(content).hexdigest()
        (folder / "blobs" / "sha256").mkdir(parents=True, exist_ok=True)
        (folder / "blobs" / "sha256" / number).write_bytes(content)
        return f"sha256:{number}"

    manifest = blob({"config": {"digest": blob({"config": {"User": user} if user is not None else {}})}})
    (folder / "index.json").write_text(json.dumps({"manifests": [{"digest": manifest}]}), "utf-8")
    return manifest


@pytest.mark.parametrize("user", [None, "", "0", "0:0", "root", "root:10001", "mall", "00:10001"])
def test_an_image_that_root_runs_stops(tmp_path, user):
    with pytest.raises(Stopped, match="expected the number of a user that is not root"):
        scan.check_user("mall", tmp_path, image(tmp_path, user))


def test_an_image_that_another_user_runs_does_not_and_another_image_does(tmp_path):
    built = image(tmp_path, "10001:10001")
    scan.check_user("mall", tmp_path, built)
    with pytest.raises(Stopped, match="which was built"):
        scan.check_user("mall", tmp_path, DIGEST)


def test_a_list_without_our_own_package_stops():
    both = [{"purl": "pkg:pypi/marketday@0.1.0"}, {"purl": "pkg:deb/debian/libc6@2.36"}]
    assert contents.check("mall", {"components": both}) == 2
    for components in ([], both[:1], both[1:]):
        with pytest.raises(Stopped, match="expected all that is in the image"):
            contents.check("mall", {"components": components})


# Signatures


def signed(folder, key, repository=REPOSITORY, digest=DIGEST):
    signatures.signature_layout(folder, repository, digest, key)
    (layer,) = signatures.layers(folder)
    return layer


def test_only_a_signature_of_this_digest_in_this_repository_by_our_key_is_ours(tmp_path):
    key, other = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())

    def ours(name, layer):
        return signatures.is_ours(tmp_path / name, layer, REPOSITORY, DIGEST, key.public_key())

    right = signed(tmp_path / "right", key)
    assert ours("right", right)
    assert not ours("other", signed(tmp_path / "other", other))
    assert not ours("moved", signed(tmp_path / "moved", key, repository="registry.example/marketday/gate"))
    assert not ours("digest", signed(tmp_path / "digest", key, digest="sha256:" + "2" * 64))
    assert not ours("right", right | {"annotations": {}})
    assert not ours("right", right | {"annotations": {signatures.ANNOTATION: "bm90IG9uZQ=="}})


def test_a_key_of_another_kind_is_refused():
    key = ec.generate_private_key(ec.SECP384R1()).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    for pem in (key, b"", b"not a key"):
        with pytest.raises(Stopped, match="expected PEM of an ECDSA key on P-256"):
            signatures.signing_key(pem)


# The digests in the deployment repository

KUSTOMIZATION = """# a comment
images:
  - name: marketday/mall
    newName: account.example/marketday/mall
    digest: sha256:0000
  - name: marketday/gate
    newName: account.example/marketday/gate
    digest: sha256:1111
"""


def test_a_digest_is_written_for_one_image_and_comments_stay():
    changed = deployment.with_images(KUSTOMIZATION, {"marketday/mall": ("own.example/marketday/mall", DIGEST)})
    assert deployment.images_of(changed) == {
        "marketday/mall": ("own.example/marketday/mall", DIGEST),
        "marketday/gate": ("account.example/marketday/gate", "sha256:1111"),
    }
    assert changed.startswith("# a comment\n")


def test_an_image_that_the_overlay_does_not_name_once_stops():
    for text in (KUSTOMIZATION.replace("digest: sha256:0000", "newTag: latest"), KUSTOMIZATION + KUSTOMIZATION[18:]):
        with pytest.raises(Stopped, match=r"marketday/mall .* times"):
            deployment.with_images(text, {"marketday/mall": ("own.example/marketday/mall", DIGEST)})


# Waivers

WAIVER = {
    "gate": '"scan"',
    "id": '"CVE-2026-1"',
    "reason": '"never called"',
    "owner": '"kim@example.com"',
    "ends": "2026-12-24",
}


def waived(folder, **changes):
    file = folder / "waivers.toml"
    lines = [f"{name} = {value}" for name, value in (WAIVER | changes).items() if value]
    file.write_text("\n".join(["[[waiver]]", *lines]), "utf-8")
    return waivers.waived("scan", file, TODAY)


def test_a_waiver_counts_for_its_gate_until_its_end(tmp_path):
    assert waived(tmp_path) == {"CVE-2026-1"}
    assert waived(tmp_path, ends="2026-11-29") == {"CVE-2026-1"}
    assert waived(tmp_path, gate='"secrets"') == set()


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"ends": "2026-11-28"}, r"ended on 2026-11-28; kim@example.com repairs it"),
        ({"ends": "2027-11-28"}, "within 90 days"),
        ({"ends": ""}, "has no ends"),
        ({"ends": '"2026-12-24"'}, "has no ends"),
        ({"reason": '""'}, "has no reason"),
        ({"owner": ""}, "has no owner"),
        ({"gate": '"lint"'}, "is for lint"),
        ({"until": "2026-12-24"}, "has until"),
        ({"gate": '"quality"', "ends": "2026-11-28"}, "ended"),
    ],
)
def test_a_waiver_that_has_ended_or_is_incomplete_stops_every_gate(tmp_path, changes, why):
    with pytest.raises(Stopped, match=why):
        waived(tmp_path, **changes)


def test_a_waivers_file_that_cannot_be_read_stops(tmp_path):
    with pytest.raises(Stopped, match=re.escape("waivers.toml cannot be read")):
        waivers.waived("scan", tmp_path / "waivers.toml", TODAY)
