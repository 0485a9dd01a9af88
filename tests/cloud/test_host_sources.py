"""Where a build host gets its provider and its repository: by its user data, with the real git and Terraform."""

import base64
import os
import re
import shlex
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from textwrap import dedent

import pytest

from marketday.kit.clock import SystemClock
from marketday.kit.ids import new_id
from marketday.provisioners.terraform import script
from marketday.provisioners.terraform.model import Action, Run, Stack
from marketday.provisioners.terraform.script import Source

from .build_host import repository_of
from .terraform import MIRROR_SETTING, STACKS, TerraformFailed, copy_of_stacks, stack_names

USER_DATA = (STACKS / "modules" / "build_host" / "user_data.yaml.tftpl").read_text("utf-8")
TOKEN = "a-token-that-reads-one-repository"
LOCK = ".terraform.lock.hcl"


def part(begin: str, end: str, **values: str) -> str:
    """Return the lines of the user data between two comments, as Terraform renders them."""
    found = re.search(rf"^    # {begin}.*?\n(.*?)(?=^(?:%\{{|    # {end}))", USER_DATA, re.MULTILINE | re.DOTALL)
    assert found, begin
    text = dedent(found[1])
    for name, value in values.items():
        text = text.replace(f"${{{name}}}", value)
    return text


def test_each_stack_keeps_the_hashes_of_every_platform():
    locks = {stack: (STACKS / stack / LOCK).read_text("utf-8") for stack in stack_names()}
    assert len(set(locks.values())) == 1
    [lock] = set(locks.values())
    assert re.findall(r'^provider "(.+)"', lock, re.MULTILINE) == ["registry.terraform.io/hashicorp/aws"]
    assert re.search(r'version\s+= "5\.100\.0"', lock)
    assert len(re.findall(r'"zh:[0-9a-f]{64}"', lock)) == 15


@pytest.fixture
def mirror(tmp_path) -> Path:
    """A folder like a build host's, synced from a mirror by the user data; `aws` is a stand-in that copies."""
    theirs = os.environ.get(MIRROR_SETTING)
    if theirs is None:
        pytest.skip(f"{MIRROR_SETTING} names no mirror")
    tools, folder = tmp_path / "tools", tmp_path / "providers"
    tools.mkdir()
    (tools / "aws").write_text(
        '#!/bin/sh\n[ "$1 $2" = "s3 sync" ] || exit 9\nshift 5\n'
        f'[ "$1" = s3://marketday-state/providers ] && mkdir -p "$2" && cp -rs {shlex.quote(theirs)}/* "$2"\n'
    )
    (tools / "aws").chmod(0o755)
    text = part(
        "Terraform takes its provider", "", region="ap-northeast-2", provider_mirror="s3://marketday-state/providers"
    )
    text = text.replace("chmod -R a+rX /var/lib/marketday\n", "").replace("/var/lib/marketday/providers", str(folder))
    text = text.replace("/etc/marketday.tfrc", str(tmp_path / "tfrc"))
    subprocess.run(["/bin/sh", "-eu", "-c", text], env={"PATH": f"{tools}:{os.environ['PATH']}"}, check=True)
    return tmp_path / "tfrc"


@pytest.mark.long
@pytest.mark.parametrize("known", [True, False])
def test_terraform_takes_the_provider_of_the_lock_from_the_mirror_and_no_other(terraform, mirror, tmp_path, known):
    stack = copy_of_stacks(tmp_path / "copy") / "event"
    lock = (STACKS / "event" / LOCK).read_text("utf-8")
    (stack / LOCK).write_text(lock if known else re.sub(r'"(h1|zh):.+"', '"h1:' + "A" * 43 + '="', lock, count=0))
    asked = ("init", "-lockfile=readonly", "-backend=false")
    settings = {"TF_CLI_CONFIG_FILE": str(mirror)}
    if known:
        terraform.run(stack, *asked, also=settings)
    else:
        with pytest.raises(TerraformFailed, match="checksum"):
            terraform.run(stack, *asked, also=settings)


@pytest.fixture
def private(tmp_path) -> Iterator[tuple[str, str, list[str]]]:
    """A repository that git serves to whoever has the token: its address, its commit, and who asked."""
    folder, commit = repository_of(tmp_path / "theirs", "infra/terraform/event/main.tf", "# nothing\n")
    subprocess.run(["git", "-C", str(folder), "config", "uploadpack.allowAnySHA1InWant", "true"], check=True)
    asked: list[str] = []

    class Serving(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._serve(b"")

        def do_POST(self) -> None:
            self._serve(self.rfile.read(int(self.headers["content-length"])))

        def _serve(self, body: bytes) -> None:
            asked.append(self.headers.get("authorization", ""))
            expected = base64.b64encode(f"x-access-token:{TOKEN}".encode()).decode()
            if asked[-1] != f"Basic {expected}":
                self.send_response(401)
                self.send_header("www-authenticate", 'Basic realm="git"')
                self.end_headers()
                return
            path, _, query = self.path.partition("?")
            environment = {
                "GIT_PROJECT_ROOT": str(folder.parent),
                "GIT_HTTP_EXPORT_ALL": "1",
                "PATH_INFO": path,
                "QUERY_STRING": query,
                "REQUEST_METHOD": self.command,
                "CONTENT_TYPE": self.headers.get("content-type", ""),
                "HTTP_CONTENT_ENCODING": self.headers.get("content-encoding", ""),
                "CONTENT_LENGTH": str(len(body)),
                "PATH": os.environ["PATH"],
            }
            done = subprocess.run(["git", "http-backend"], input=body, env=environment, capture_output=True, check=True)
            head, _, answer = done.stdout.partition(b"\r\n\r\n")
            self.send_response(200)
            for line in head.decode().splitlines():
                name, _, value = line.partition(": ")
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Serving) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/{folder.name}", commit, asked
        finally:
            server.shutdown()


@pytest.mark.parametrize("token", [TOKEN, "another", None])
def test_a_private_repository_is_cloned_with_the_token_of_the_secret(private, tmp_path, token):
    """By the script of a run itself; `aws` is a stand-in that knows the secret, and Terraform one that does nothing."""
    url, commit, asked = private
    tools = tmp_path / "tools"
    tools.mkdir()
    answer = f"echo {token}" if token else "echo ResourceNotFoundException >&2; exit 254"
    (tools / "aws").write_text(f'#!/bin/sh\necho "$*" >> {tools}/calls\n{answer}\n')
    (tools / "terraform").write_text("#!/bin/sh\nexit 0\n")
    helper = {"region": "ap-northeast-2", "repository_secret": "marketday/repository/token", "repository_url": url}
    text = part("A private repository", "SSH opens", **helper).replace("/usr/local/bin", str(tools))
    environment = {
        "PATH": f"{tools}:{os.environ['PATH']}",
        "GIT_CONFIG_SYSTEM": str(tmp_path / "gitconfig"),
        "HOME": str(tmp_path),
    }
    for each in tools.iterdir():
        each.chmod(0o755)
    subprocess.run(["/bin/sh", "-eu", "-c", text], env=environment, check=True)
    run = Run(new_id(), new_id(), Stack.EVENT, Action.PLAN, commit, {}, SystemClock().now())
    folder = tmp_path / script.folder(run)
    folder.mkdir(parents=True)
    for name, content in script.files(run, Source(url, {"bucket": "b"})).items():
        (folder / name).write_text(content)
    subprocess.run(["/bin/sh", str(folder / "run.sh")], env=environment, check=False, timeout=60)
    cloned = folder.parent / "repository" / "infra" / "terraform" / "event" / "main.tf"
    assert cloned.exists() == (token == TOKEN)
    log = (folder / "log").read_text()
    assert (folder / "exit").read_text().strip() == ("0" if token == TOKEN else str(int(script.Exit.CLONE)))
    assert (
        "secretsmanager get-secret-value --region ap-northeast-2 --secret-id marketday/repository/token"
        in (tools / "calls").read_text()
    )
    assert asked[0] == "", "git asks without the token first, and sends it only to the host that wants it"
    assert TOKEN not in log + "".join(each.read_text(errors="replace") for each in folder.iterdir() if each.is_file())
