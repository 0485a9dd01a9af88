"""Installs helm for `make gitops`: helm.py VENV LOCK. The lock's one package is a layer of AWS Lambda that has it."""

import io
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path
from tempfile import TemporaryDirectory


def main(venv: Path, lock: Path) -> None:
    """Put helm beside the other tools of an environment."""
    with TemporaryDirectory(dir=venv) as place:
        python, options = venv / "bin" / "python", ["--quiet", "--no-deps", "--require-hashes", "--target", place]
        by_uv = ["uv", "pip", "install", "--python", python, *options, "-r", lock]
        by_pip = [sys.executable, "-m", "pip", "install", "--disable-pip-version-check", *options, "-r", lock]
        if not any(_ended_well(command) for command in (by_uv, by_pip)):
            sys.exit(f"make: helm could not be installed from {lock}")
        (packed,) = Path(place).rglob("lambda-layer-kubectl-*.tgz")
        with tarfile.open(packed) as tar:
            layer = tar.extractfile("package/lib/layer.zip")
            content = layer.read() if layer else b""
        with zipfile.ZipFile(io.BytesIO(content)) as zipped:
            program = zipped.read("helm/helm")
    file = venv / "bin" / "helm"
    file.write_bytes(program)
    file.chmod(0o755)


def _ended_well(command: list[object]) -> bool:
    try:
        return subprocess.run([str(word) for word in command], check=False).returncode == 0
    except OSError:
        return False


if __name__ == "__main__":
    main(Path(sys.argv[1]).absolute(), Path(sys.argv[2]))
