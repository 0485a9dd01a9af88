"""The order in which `deliver` brings a new version into a cluster; `kubectl` only writes down what it is asked."""

import json
import os
import re
import shutil
import subprocess

import pytest

from .manifests import HERE, ROOT, TOOLS, render

# Renders with the real one. `get job` answers with the file named after the job, and `rollout status` of `stuck` fails.
KUBECTL = """#!/bin/sh
[ "$1" != kustomize ] || exec {real} "$@"
[ "$1 $2" != "config view" ] || exec echo "{cluster}"
echo "$*" >> {folder}/calls
case "$*" in
    *"get job migrate-"*) for each in "$@"; do [ -f "{folder}/$each" ] && cat "{folder}/$each"; done ;;
    *"rollout status {stuck} "*) exit 1 ;;
esac
exit 0
"""


FILLED = {
    "111122223333": "444455556666",
    "0" * 64: "a" * 64,
    "0" * 40: "b" * 40,
    ".000000000000.": ".c9aksp6mabcd.",
    "example.com": "market.day",
    "sg-0000000000000000": "sg-0123456789abcdef",
    "lt-0000000000000000": "lt-0123456789abcdef",
    "state-example": "state-ours",
    "Put the cert": "-----BEGIN CERTIFICATE-----\ncert",
}


@pytest.fixture
def deliver(trees, tmp_path):
    """Deliver a copy whose account is filled in; return the finished process and what kubectl was asked."""
    copy = shutil.copytree(HERE, tmp_path / "kubernetes", ignore=shutil.ignore_patterns("schemas", "policies"))
    for file in (copy / "overlays").rglob("*.*"):
        text = file.read_text("utf-8")
        for example, own in FILLED.items():
            text = text.replace(example, own)
        file.write_text(text, "utf-8")
    script = (copy / "deliver").read_text("utf-8").replace("sleep 2", "true").replace("-lt 400", "-lt 3")
    (copy / "deliver").write_text(script, "utf-8")
    for job in ("migrate-expand", "migrate-contract"):
        (tmp_path / job).write_text("SuccessCriteriaMet Complete", "utf-8")

    def run(*words, stuck="nothing", current=None):
        overlay, *_ = words = words or ("prod",)
        programs = tmp_path / "programs"
        programs.mkdir(exist_ok=True)
        kubectl = programs / "kubectl"
        cluster = f"arn:aws:eks:ap-northeast-2:444455556666:cluster/{current or f'marketday-{overlay}'}"
        written = KUBECTL.format(real=TOOLS / "kubectl", folder=tmp_path, stuck=stuck, cluster=cluster)
        kubectl.write_text(written, "utf-8")
        kubectl.chmod(0o755)
        variables = {"PATH": f"{programs}:{os.environ['PATH']}"}
        command = [copy / "deliver", *words]
        done = subprocess.run(command, env=variables, capture_output=True, text=True, timeout=60, check=False)
        calls = (tmp_path / "calls").read_text("utf-8").splitlines() if (tmp_path / "calls").exists() else []
        return done, [short(call) for call in calls]

    run.folder, run.overlay = tmp_path, copy / "overlays" / "prod"
    return run


def short(call):
    """What a call is about: a stage that is applied, or the verb with its object."""
    words = [word for word in call.split() if not word.startswith("-")]
    stages = [word.removeprefix("marketday/stage=") for word in words if "/stage=" in word]
    return (
        f"apply {stages[0]}"
        if stages
        else " ".join(word for word in words if word != "marketday").partition(" jsonp")[0]
    )


IN_ORDER = [
    "apply ground",
    "wait externalsecret",
    "delete job migrate-expand",
    "apply expand",
    "get job migrate-expand",
    "apply serve",
    "rollout status deployment/mall",
    "rollout status deployment/console",
    "rollout status deployment/controller",
    "delete job migrate-contract",
    "apply contract",
    "get job migrate-contract",
]


@pytest.mark.parametrize("overlay", ["prod", "staging"])
def test_migrations_stand_on_both_sides_of_the_services(deliver, overlay):
    done, calls = deliver(overlay)
    assert (done.returncode, calls) == (0, IN_ORDER), done.stderr


def test_the_stages_have_every_object_once_and_a_stage_has_no_other(prod):
    stages = {}
    for one in prod:
        stages.setdefault(one["metadata"]["labels"]["marketday/stage"], []).append(one["kind"])
    assert sorted(stages) == ["contract", "expand", "ground", "serve"]
    assert (stages["expand"], stages["contract"]) == (["Job"], ["Job"])
    assert set(stages["serve"]) == {
        "Deployment",
        "Service",
        "Ingress",
        "PodDisruptionBudget",
        "HorizontalPodAutoscaler",
    }


def test_services_are_left_as_they_are_if_the_first_half_fails(deliver):
    (deliver.folder / "migrate-expand").write_text("FailureTarget Failed", "utf-8")
    done, calls = deliver()
    assert (done.returncode, calls) == (1, IN_ORDER[:5])
    assert "logs job/migrate-expand" in done.stderr


def test_the_second_half_waits_for_every_service_of_the_new_version(deliver):
    done, calls = deliver(stuck="deployment/console")
    assert (done.returncode, calls) == (1, IN_ORDER[:8])
    assert "rollout undo deployment/console" in done.stderr


def test_a_migration_that_does_not_end_is_not_waited_for_without_limit(deliver):
    (deliver.folder / "migrate-contract").write_text("", "utf-8")
    done, calls = deliver()
    assert done.returncode == 1
    assert calls == IN_ORDER + IN_ORDER[-1:] * 2
    assert "migrate-contract has not ended" in done.stderr


def test_the_version_before_can_come_back_while_the_last_stage_waits(deliver):
    done, calls = deliver("prod", "serve")
    assert (done.returncode, calls) == (0, IN_ORDER[:9])
    assert "can come back" in done.stdout
    done, calls = deliver("prod", "expand")
    assert (done.returncode, calls) == (1, IN_ORDER[:9])
    assert "the last stage is expand; expected serve or contract" in done.stderr


def test_what_was_taken_back_by_hand_is_no_reason_to_refuse_the_next_version(deliver):
    """`kubectl rollout undo` sets fields under another name than ours; the server then asks whether we mean it."""
    deliver()
    calls = (deliver.folder / "calls").read_text("utf-8").splitlines()
    stages = [call for call in calls if call.startswith("apply")]
    assert [call for call in stages if "--server-side --force-conflicts " not in call] == []


@pytest.mark.parametrize("example", [*FILLED])
def test_examples_are_not_delivered(deliver, example):
    for file in deliver.overlay.iterdir():
        file.write_text(file.read_text("utf-8").replace(FILLED[example], example), "utf-8")
    done, calls = deliver()
    assert (done.returncode, calls) == (1, [])
    told = "has no certificate" if example == "Put the cert" else f"{example.strip('.')}"
    assert told in done.stderr


def test_an_overlay_that_is_not_there_is_one_sentence(deliver):
    done, calls = deliver("prd")
    assert (done.returncode, calls) == (1, [])
    assert done.stderr == "deliver: there is no overlay prd; expected prod or staging\n"


def test_a_version_is_not_delivered_into_another_cluster(deliver):
    done, calls = deliver("prod", current="marketday-staging")
    assert (done.returncode, calls) == (1, [])
    assert "cluster/marketday-staging; expected marketday-prod, as account.yaml says: aws eks" in done.stderr


def test_the_script_knows_each_service(prod):
    """It waits for every Deployment, and the overlays are the two that it names."""
    script = (HERE / "deliver").read_text("utf-8")
    deployments = sorted(one["metadata"]["name"] for one in prod if one["kind"] == "Deployment")
    assert sorted(script.partition("for deployment in ")[2].partition(";")[0].split()) == deployments
    assert {one["metadata"]["name"] for one in render(HERE / "base") if one["kind"] == "Deployment"} == set(deployments)


def test_charts_have_the_versions_of_their_schemas():
    page = (ROOT / "docs" / "kubernetes.md").read_text("utf-8").replace("\\\n", " ")
    charts = dict(re.findall(r"helm upgrade --install (\S+) .*?--version (\S+)", page))
    schemas = {"karpenter": ("nodepool", "ec2nodeclass"), "external-secrets": ("externalsecret", "secretstore")}
    for chart, names in schemas.items():
        told = [json.loads((HERE / "schemas" / f"{name}.json").read_text("utf-8"))["$comment"] for name in names]
        assert [f"For {chart.replace('-', ' ').title()} {charts[chart]}," in each for each in told] == [True, True]
