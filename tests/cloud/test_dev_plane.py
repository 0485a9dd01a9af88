"""The stack `dev` gives Jenkins what infra/jenkins takes; and no stack writes inline what drift wants as resources."""

import os
import re
import subprocess
from textwrap import dedent

import pytest

from .terraform import ROOT, STACKS

JENKINS = ROOT / "infra" / "jenkins"
FROM_A_SECRET = {"OIDC_CLIENT_ID", "OIDC_CLIENT_SECRET"}
INLINE = re.compile(
    r"^  (?:(?:dynamic \")?(?:ingress|egress|route|inline_policy)(?:\")? \{|managed_policy_arns\s*=)", re.MULTILINE
)
OWNERS = re.compile(
    r'^resource "aws_(?:default_)?(?:security_group|route_table|iam_role|s3_bucket)" "\w+" \{.*?^\}',
    re.MULTILINE | re.DOTALL,
)


def test_jenkins_gets_every_setting_that_it_takes():
    taken = set(re.findall(r"\$\{([A-Z_]+)", (JENKINS / "jenkins.yaml").read_text("utf-8")))
    block = (STACKS / "dev" / "agents.tf").read_text("utf-8").partition("jenkins_settings = {")[2].partition("\n  }")[0]
    given = set(re.findall(r"^\s+([A-Z_]+)\s+=", block, re.MULTILINE))
    assert taken == given | FROM_A_SECRET
    assert all(name in (STACKS / "dev" / "jenkins.yaml.tftpl").read_text("utf-8") for name in FROM_A_SECRET)


def test_every_credential_of_jenkins_is_a_secret_of_that_name():
    written = (JENKINS / "jenkins.yaml").read_text("utf-8") + (JENKINS / "Jenkinsfile").read_text("utf-8")
    asked = set(re.findall(r"""(?:credentialsId|sshKeysCredentialsId)[:(]?\s*\(?['"]([a-z-]+)['"]""", written))
    secrets = set(
        re.findall(
            r"^    ([a-z-]+)\s+= \{ kind = \"\w", (STACKS / "dev" / "secrets.tf").read_text("utf-8"), re.MULTILINE
        )
    )
    assert asked == secrets


def test_no_stack_writes_a_rule_a_route_or_a_policy_inline():
    """Drift takes such a thing for a stranger's: it must be a resource of its own."""
    found = {}
    for path in sorted(STACKS.rglob("*.tf")):
        inline = [INLINE.findall(block) for block in OWNERS.findall(path.read_text("utf-8"))]
        if any(inline):
            found[str(path)] = inline
    assert found == {}


CLOSE_ADMIN = re.compile(r"marketday-close-admin <<'SCRIPT'\n(.+?)    SCRIPT\n", re.DOTALL)
# Stands for SonarQube's documented web API, and for systemctl.
CURL = """#!/bin/sh
cd "$(dirname "$0")"
case "$*" in
*system/status*) echo '{"status":"UP"}' ;;
*change_password*) cat > password; case "$ANSWERS" in changes) touch changed ;; esac ;;
*validate*) case "$ANSWERS" in
    changes) if [ -e changed ]; then echo '{"valid":false} 200'; else echo '{"valid":true} 200'; fi ;;
    refuses) echo '{"valid":true} 200' ;;
    closed) echo '{"valid":false} 200' ;;
    unknown) echo ' 401' ;;
    esac ;;
esac
"""


@pytest.mark.parametrize(
    ("answers", "asked", "stopped"),
    [
        ("changes", True, False),
        ("refuses", True, True),
        ("closed", False, False),
        ("unknown", False, False),
        ("nothing", False, True),
    ],
)
def test_nobody_signs_in_at_sonarqube_with_the_password_that_everybody_knows(tmp_path, answers, asked, stopped):
    for name, text in (("curl", CURL), ("systemctl", '#!/bin/sh\necho "$*" > "$(dirname "$0")/stopped"\n')):
        (tmp_path / name).write_text(text)
        (tmp_path / name).chmod(0o755)
    template = (STACKS / "dev" / "sonarqube.yaml.tftpl").read_text("utf-8")
    script = dedent(CLOSE_ADMIN.search(template)[1]).replace("${port}", "9000").replace("%%{", "%{")
    environment = {"PATH": f"{tmp_path}:{os.environ['PATH']}", "ANSWERS": answers}
    done = subprocess.run(["/bin/sh", "-c", script], env=environment, check=False, timeout=20)
    assert (done.returncode, (tmp_path / "stopped").exists()) == (int(stopped), stopped)
    assert (tmp_path / "password").exists() == asked
    if asked:
        sent = (tmp_path / "password").read_text()
        assert re.fullmatch(r"login=admin&previousPassword=admin&password=Aa1![0-9a-f]{48}", sent)
    assert template.index("marketday-close-admin <<") < template.rindex("/usr/local/sbin/marketday-close-admin\n")
