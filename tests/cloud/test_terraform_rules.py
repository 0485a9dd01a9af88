"""What holds for every stack and module before anything is applied."""

import re
from functools import cache
from pathlib import Path

import pytest

from .terraform import ROOT, STACKS, copy_of_stacks, stack_names

INFRA = ROOT / "infra"
BLOCK = re.compile(r'^(?P<kind>variable|output)\s+"(?P<name>[^"]+)"\s*\{(?P<body>.*?)^\}', re.MULTILINE | re.DOTALL)
DESCRIPTION = re.compile(r'^\s+description\s*=\s*(?:"[^"]{3,}|<<)', re.MULTILINE)
TYPE = re.compile(r"^\s+type\s*=", re.MULTILINE)
ACCOUNT = re.compile(r"(?<![\w.-])(?!111122223333)\d{12}(?![\w.-])")  # but the one of AWS's own examples
PASSWORD = re.compile(r'\b(?:password|secret|token|access_key|secret_key)\s*=\s*"[^"$]+"', re.IGNORECASE)
GROUPS = re.compile(r'^resource "aws_(?:vpc_)?security_group\w*" "\w+" \{.*?^\}', re.MULTILINE | re.DOTALL)
LOCALS = re.compile(r"^locals \{.*?^\}", re.MULTILINE | re.DOTALL)
NOT_OF_EC2 = re.compile(r"[^a-zA-Z0-9. _\-:/()#,@\[\]+=&;{}!$*]")
STACK_FILES = {"main.tf", "variables.tf", "outputs.tf", "versions.tf"}
MOST_LINES = 200

FOLDERS = sorted({path.parent for path in STACKS.rglob("*.tf") if ".terraform" not in path.parts})
# A stack has native tests; a module has some where a stack's would not do.
TESTED = sorted({path.parent.parent for path in STACKS.rglob("*.tftest.hcl") if ".terraform" not in path.parts})
# Native tests make up what a mocked AWS answers, accounts included.
WRITTEN = sorted(
    path
    for path in INFRA.rglob("*")
    if path.suffix in {".tf", ".yaml", ".js", ".json", ".sh", ".tftpl"} and ".terraform" not in path.parts
)


def short(path: Path) -> str:
    return str(path.relative_to(INFRA))


@cache
def text(path: Path) -> str:
    return path.read_text("utf-8")


@pytest.mark.parametrize("folder", FOLDERS, ids=short)
def test_a_stack_and_a_module_have_four_files_small_enough_to_read_that_say_what_they_take_and_give(folder):
    files = {path.name: text(path) for path in folder.glob("*.tf")}
    assert set(files) >= STACK_FILES
    assert [name for name, written in files.items() if len(written.splitlines()) > MOST_LINES] == []
    blocks = [match for written in files.values() for match in BLOCK.finditer(written)]
    silent = [block["name"] for block in blocks if not DESCRIPTION.search(block["body"])]
    untyped = [block["name"] for block in blocks if block["kind"] == "variable" and not TYPE.search(block["body"])]
    assert (silent, untyped) == ([], [])


def test_no_account_and_no_password_is_written_in():
    accounts = {short(path): found for path in WRITTEN if (found := ACCOUNT.findall(text(path)))}
    passwords = {short(path): found for path in WRITTEN if (found := PASSWORD.findall(text(path)))}
    assert (accounts, passwords) == ({}, {})


@pytest.mark.parametrize("stack", stack_names())
def test_every_provider_is_pinned_and_every_thing_is_tagged(stack):
    assert re.search(r'version\s*=\s*"= 5\.100\.0"', text(STACKS / stack / "versions.tf"))
    written = "".join(text(path) for path in (STACKS / stack).glob("*.tf"))
    assert re.search(rf'"marketday:stack"\s*=\s*"{stack}"', written)
    keys = {"marketday:drop", "marketday:environment", "marketday:expires"} if stack in {"event", "link"} else set()
    assert [key for key in keys if f'"{key}"' not in written] == []


@pytest.mark.parametrize("stack", stack_names())
def test_no_state_is_kept(stack):
    kept = [path.name for path in (STACKS / stack).iterdir()]
    assert [name for name in kept if "tfstate" in name or name == "backend_override.tf"] == []


def test_ec2_takes_every_description_of_a_group_and_a_rule():
    """EC2 refuses an apostrophe there, for example; the provider takes it, and the apply would fail in the middle."""
    refused, blocks = {}, 0
    for path in (file for folder in FOLDERS for file in folder.glob("*.tf")):
        found = GROUPS.findall(text(path))
        blocks += len(found)
        told = re.findall(r'^\s+description\s*=\s*"(.*)"$', "\n".join(found), re.MULTILINE)
        # A description that comes from a table stands in the file's locals.
        if re.search(r"description\s*=\s*each\.value", "\n".join(found)):
            told += re.findall(r'= "([^"]*)"$', "\n".join(LOCALS.findall(text(path))), re.MULTILINE)
        wrong = [one for one in told if NOT_OF_EC2.search(without_names(one))]
        refused |= {short(path): wrong} if wrong else {}
    assert blocks > 20
    assert refused == {}


def without_names(text: str) -> str:
    """Remove what stands in ${...}, which is a name with a check of its own."""
    shorter = re.sub(r"\$\{[^{}]*\}", "", text)
    return shorter if shorter == text else without_names(shorter)


def test_terraform_has_put_every_file_in_order(terraform):
    done = terraform.run(STACKS, "fmt", "-check", "-recursive", fine=(0, 3))
    assert done.stdout.split() == []


def test_every_stack_has_native_tests():
    assert {STACKS / stack for stack in stack_names()} <= set(TESTED)


@pytest.mark.parametrize("tested", TESTED, ids=short)
def test_a_stack_and_a_module_keep_their_own_rules(terraform, mocked, tmp_path, tested):
    """`terraform test` validates first: there is no need for `validate` as well."""
    folder = copy_of_stacks(tmp_path) / tested.relative_to(STACKS)
    terraform.run(folder, "init", also=mocked)
    terraform.run(folder, "test", also=mocked)
