"""How Argo CD comes into a new cluster; helm, aws and the cluster's kubectl only write down what they are asked."""

import os
import subprocess

import pytest
import yaml
from ci.gitops import layout
from ci.gitops.programs import TOOLS
from tests.delivery.ground import OWN, with_key, write_keys, write_program
from tests.kubernetes.manifests import ROOT

KUBECTL = """#!/bin/sh
[ "$1" != kustomize ] || exec {real} "$@"
[ "$1 $2" != "config view" ] || exec echo "arn:aws:eks:ap-northeast-2:444455556666:cluster/{cluster}"
echo "kubectl $*" >> {folder}/calls
case "$*" in *"-f -"*) cat >> {folder}/calls; echo >> {folder}/calls ;; esac
"""
ASKED = '#!/bin/sh\necho "{name} $*" >> {folder}/calls\n'


@pytest.fixture
def bootstrap(tmp_path):
    layout.lay(ROOT, tmp_path / "prod", "prod")

    def run(*words, filled=True, cluster="marketday-prod", secrets=True):
        for file in (tmp_path / "prod" / "argocd" / "overlays" / "prod").iterdir() if filled else ():
            text = file.read_text("utf-8")
            for example, own in OWN.items():
                text = text.replace(example, own)
            file.write_text(with_key(text, write_keys(tmp_path)[1]), "utf-8")
        programs = tmp_path / "programs"
        programs.mkdir(exist_ok=True)
        given = {"folder": tmp_path, "real": TOOLS / "bin" / "kubectl", "cluster": cluster}
        write_program(programs / "kubectl", KUBECTL.format(**given))
        for name in ("helm", "aws"):
            ends = "exit 1\n" if name == "aws" and not secrets else ""
            write_program(programs / name, ASKED.format(name=name, folder=tmp_path) + ends)
        (tmp_path / "calls").write_text("", "utf-8")
        command = [tmp_path / "prod" / "argocd" / "bootstrap", *words]
        surroundings = {"PATH": f"{programs}:{os.environ['PATH']}"}
        done = subprocess.run(command, env=surroundings, capture_output=True, text=True, timeout=60, check=False)
        return done, (tmp_path / "calls").read_text("utf-8")

    return run


def test_secrets_come_first_then_argo_cd_and_it_does_the_rest(bootstrap):
    done, calls = bootstrap("prod")
    assert done.returncode == 0, done.stderr
    order = [line.split(" --")[0] for line in calls.splitlines() if line.startswith(("kubectl", "helm"))]
    assert order == [
        "helm upgrade",
        "kubectl get namespace argocd",
        "kubectl apply",
        "kubectl -n argocd wait",
        "helm upgrade",
        "kubectl apply",
        "kubectl apply",
    ]
    assert "external-secrets --repo https://charts.external-secrets.io --version 2.9.0 " in calls
    assert "argo-cd --repo https://argoproj.github.io/argo-helm --version 9.1.0 " in calls
    documents = [part.partition("\nkubectl")[0].partition("\nhelm")[0] for part in calls.split("---\n")[1:]]
    applied = [(one["kind"], one["metadata"]["name"]) for one in map(yaml.safe_load, documents)]
    kinds = [kind for kind, _ in applied]
    assert kinds == sorted(kinds, key=["ExternalSecret", "SecretStore", "AppProject", "Application"].index)
    assert [name for kind, name in applied if kind == "Application"] == ["delivery"]
    assert kinds.count("AppProject") == 4
    assert kinds.count("ExternalSecret") == 3


@pytest.mark.parametrize(
    ("words", "options", "says"),
    [
        (("prd",), {}, "there is no overlay prd; expected prod"),
        (
            ("prod",),
            {"filled": False},
            f"111122223333 {'A' * 28} git.example.com sso.example.com vpc-00000000000000001",
        ),
        (("prod",), {"cluster": "marketday-staging"}, "expected marketday-prod: aws eks update-kubeconfig"),
        (("prod",), {"secrets": False}, "the secret marketday-prod/deployment-repository has no value"),
        (("prod", "now"), {}, "expected CHECK or nothing"),
    ],
)
def test_what_is_missing_is_one_sentence_and_nothing_was_done(bootstrap, words, options, says):
    done, calls = bootstrap(*words, **options)
    assert done.returncode == 1
    assert says in done.stderr
    assert [line for line in calls.splitlines() if line.startswith(("helm", "kubectl apply"))] == []


def test_a_check_changes_nothing(bootstrap):
    done, calls = bootstrap("prod", "CHECK")
    assert (done.returncode, done.stdout) == (
        0,
        "bootstrap: external-secrets 2.9.0 and argo-cd 9.1.0 into marketday-prod\n",
    )
    assert [line for line in calls.splitlines() if line.startswith(("helm", "kubectl"))] == []
