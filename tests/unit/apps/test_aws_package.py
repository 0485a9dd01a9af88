"""The package of the functions: what it takes from the lock, and that the same files give the same bytes."""

import importlib.util
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def tool():
    spec = importlib.util.spec_from_file_location("lambda_package", ROOT / "tools" / "lambda_package.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_lock_is_taken_with_its_hashes(tool):
    needed = tool.needed(tool.LOCK.read_text("utf-8"))
    blocks = re.split(r"\n(?=\w)", needed)
    names = {block.partition("==")[0] for block in blocks}
    assert {"boto3", "asyncssh", "slack-sdk", "tzdata"} <= names
    assert not names & tool.LEFT_OUT
    assert all("--hash=sha256:" in block for block in blocks)


def test_what_is_left_out_stands_in_the_lock(tool):
    assert all(f"\n{name}==" in f"\n{tool.LOCK.read_text('utf-8')}" for name in tool.LEFT_OUT)


def test_the_same_files_give_the_same_bytes(tool, tmp_path):
    packages, project = tmp_path / "packages", tmp_path / "project"
    for name in ("boto3/__init__.py", "bin/tool", "boto3-1.dist-info/RECORD", "asn1/tests/test_it.py"):
        (packages / name).parent.mkdir(parents=True, exist_ok=True)
        (packages / name).write_text(name)
    for name in ("apps/aws_lambda.py", "testing/clock.py", "apps/__pycache__/aws_lambda.pyc", "locales/notices.ko.po"):
        file = project / "src" / "marketday" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(name)
    first, second = tmp_path / "1.zip", tmp_path / "2.zip"
    unpacked = tool.pack(tool.contents(packages, project), first)
    (packages / "boto3" / "__init__.py").touch()
    tool.pack(tool.contents(packages, project), second)
    assert first.read_bytes() == second.read_bytes()
    with zipfile.ZipFile(first) as archive:
        assert archive.namelist() == [
            "boto3/__init__.py",
            "marketday/apps/aws_lambda.py",
            "marketday/locales/notices.ko.po",
        ]
        assert unpacked == sum(entry.file_size for entry in archive.infolist())
        assert {entry.external_attr >> 16 for entry in archive.infolist()} == {0o100644}


def test_wheels_that_cannot_be_had_are_told_and_not_traced(tool, tmp_path, monkeypatch, capsys):
    def refuse(command, *, check):
        raise subprocess.CalledProcessError(2, command)

    monkeypatch.setattr(tool.subprocess, "run", refuse)
    monkeypatch.setattr(sys, "argv", ["lambda_package.py", str(tmp_path / "lambda.zip")])
    assert tool.main() == 1
    assert "ended with 2: wheels were not installed" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_written_is_told_before_anything_is_brought(tool, monkeypatch, tmp_path, capsys):
    (tmp_path / "file").touch()
    target = tmp_path / "file" / "lambda.zip"
    monkeypatch.setattr(sys, "argv", ["lambda_package.py", str(target)])
    monkeypatch.setattr(tool, "install", None)
    assert tool.main() == 1
    assert capsys.readouterr().err.startswith(f"{target} cannot be written: ")


def test_every_target_lets_uv_believe_the_certificates_of_this_system():
    """Many companies have their own; `make aws` worked there, and `make package` did not."""
    assert re.search(r"^export UV_SYSTEM_CERTS \?= 1$", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
