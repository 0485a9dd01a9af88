"""A clone in which the stages run as they do on an agent, and a deployment repository."""

import os
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

from ci.gitops import layout
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from . import standins

ROOT = Path(__file__).resolve().parents[2]
STAGE_SECONDS = 1500
ACCOUNT = "444455556666"
BUILT = "sha256:" + "ab" * 32  # of images that are not delivered here
OWN = {  # what an account has in place of the examples
    "111122223333": ACCOUNT,
    "sha256:" + "0" * 64: BUILT,
    "0" * 40: "b" * 40,
    ".000000000000.": ".c9aksp6mabcd.",
    "example.com": "market.day",
    "sg-0000000000000000": "sg-0123456789abcdef",
    "lt-0000000000000000": "lt-0123456789abcdef",
    "vpc-0000000000000000": "vpc-0123456789abcdef",
    "state-example": "state-ours",
    "Put the cert": "-----BEGIN CERTIFICATE-----\ncert",
}
EXAMPLE_KEY = (f"MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE{'A' * 28}", f"{'A' * 58}==")
GIT = ["git", "-c", "user.name=A developer", "-c", "user.email=developer@example.com"]


def git(*words, cwd):
    done = subprocess.run([*GIT, *map(str, words)], cwd=cwd, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def commit(folder, files, subject):
    """Write files into a clone, and commit them."""
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, "utf-8")
    git("add", "--all", cwd=folder)
    git("commit", "--quiet", "-m", subject, cwd=folder)
    return git("rev-parse", "HEAD", cwd=folder).strip()


def write_program(file, text):
    file.write_text(text, "utf-8")
    file.chmod(0o755)
    return str(file)


def write_keys(folder):
    """A pair of keys, as files."""
    key = ec.generate_private_key(ec.SECP256R1())
    private, public = folder / "signing.pem", folder / "public.pem"
    plain = serialization.NoEncryption()
    private.write_bytes(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain))
    public.write_bytes(
        key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    )
    return private, public


def with_key(text, public):
    """A text with our public key in place of the example's."""
    for example, own in zip(EXAMPLE_KEY, public.read_text("utf-8").splitlines()[1:3], strict=True):
        text = text.replace(example, own)
    return text


def deployment_repository(folder, source, public):
    """A bare repository with the manifests of `source`, and an account's own values, such as a public key."""
    work, bare = folder / "deployment-work", folder / "deployment.git"
    git("init", "--quiet", "--bare", "--initial-branch=main", bare, cwd=folder)
    git("clone", "--quiet", bare, work, cwd=folder)
    for name in ("prod", "staging"):
        layout.lay(source, work / name, name)
        for file in [*work.glob(f"{name}/overlays/{name}/*"), *work.glob(f"{name}/argocd/overlays/{name}/*")]:
            text = file.read_text("utf-8")
            for example, own in OWN.items():
                text = text.replace(example, own)
            file.write_text(with_key(text, public), "utf-8")
    commit(work, {}, "The account's values")
    git("push", "--quiet", "origin", "HEAD:main", cwd=work)
    shutil.rmtree(work)
    return bare


@dataclass
class Ground:
    """A clone, and the settings of its stages."""

    folder: Path  # the clone
    settings: dict[str, str] = field(default_factory=dict)

    def stage(self, command, **settings):
        """Run a stage as Jenkins does; return how it ended and all that it said."""
        environment = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("DELIVERY_", "PYTEST", "MAKE", "MFLAGS"))  # `make pipeline ARGS=...` is for pytest
        }
        environment |= self.settings | settings
        done = subprocess.run(
            ["sh", "-c", command],
            cwd=self.folder,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=STAGE_SECONDS,
            check=False,
        )
        return done.returncode, done.stdout

    def back(self, commit):
        """Make the clone what a commit says."""
        git("reset", "--quiet", "--hard", commit, cwd=self.folder)


def lay(folder):
    """Clone this repository's commit, and give its stages all that they need but servers."""
    clone = folder / "clone"
    git("clone", "--quiet", "--no-hardlinks", ROOT, clone, cwd=folder)
    base = git("rev-parse", "HEAD", cwd=ROOT).strip()
    git("checkout", "--quiet", "-B", "main", base, cwd=clone)
    private, public = write_keys(folder)
    settings = {
        "DELIVERY_BASE": base,
        "DELIVERY_IMAGES": "mall",
        "DELIVERY_TESTS": "unit",
        "ARGS": "-k ids",
        "DELIVERY_SIGNING_KEY": str(private),
        "DELIVERY_PUBLIC_KEY": str(public),
        "DELIVERY_CHARTS": "none",
        "DELIVERY_REPOSITORY": str(deployment_repository(folder, clone, public)),
        "DELIVERY_SMOKE_SECONDS": "0",
        "DELIVERY_SONAR_SCANNER": write_program(folder / "sonar-scanner", standins.SCANNER),
        "DELIVERY_TRIVY": write_program(folder / "trivy", standins.program(standins.trivy_report())),
        "SONAR_TOKEN": "squ_of_a_stand_in",
    }
    return Ground(clone, settings)
