"""The stack `dev` gives Jenkins what infra/jenkins takes; and no stack writes inline what drift wants as resources."""

import re

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
