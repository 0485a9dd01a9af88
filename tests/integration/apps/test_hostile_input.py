"""Every command with bad input: a message and an exit status, and never a traceback."""

import importlib
import json
import os
from pathlib import Path

import pytest
import structlog
from typer.testing import CliRunner

from marketday.apps import command, desks
from marketday.cli import guard
from marketday.provisioners.local.errors import NoHome
from marketday.provisioners.local.ports import free_ports
from marketday.testing.accounts import ed25519_key
from marketday.testing.definitions import DAWN_SERUM

FILE, NAME, MOMENT = "{file}", "{name}", "{moment}"
OF_FILES = {
    "drop check": ("drop", "check", FILE),
    "cost": ("cost", FILE),
    "cost --plan": ("cost", "{good}", "--plan", FILE),
    "cost --ran": ("cost", "{good}", "--ran", FILE),
    "cost --prices": ("cost", "{good}", "--prices", FILE),
    "env plan": ("env", "plan", FILE),
    "env build": ("env", "build", FILE),
    "receipt verify": ("receipt", "verify", FILE),
    "catalog import": ("catalog", "import", FILE),
}
OF_NAMES = {
    "env status": ("env", "status", NAME),
    "env advance": ("env", "advance", NAME),
    "env retry": ("env", "retry", NAME),
    "env destroy": ("env", "destroy", NAME),
    "env destroy --dry-run": ("env", "destroy", "--dry-run", NAME),
    "env runs": ("env", "runs", NAME),
    "env extend": ("env", "extend", NAME, "--until", MOMENT),
    "env permit": ("env", "permit", NAME, "--until", MOMENT),
    "receipt show": ("receipt", "show", NAME),
    "catalog list": ("catalog", "list"),
    "accounts list": ("accounts", "list"),
    "accounts add": ("accounts", "add", NAME),
    "crowd run": ("crowd", "run", "--mall", NAME, "--event", NAME, "--drop", NAME, "--item", NAME),
}
OPENING = {"up": ("up",), "demo": ("demo",), "down": ("down",)}
NAMES = ["", "no-such-drop", "../../etc/passwd", "\x1b[31m", "' OR 1=1 --", "x" * 5000, "\udcff", "0" * 32]
MOMENTS = ["", "tomorrow", "9999-12-31T23:59:59", "0001-01-01T00:00:00+14:00", "2026-02-30T00:00", "9" * 5000]


def _run(home, words, **more):
    return CliRunner().invoke(command.app, ["--home", str(home), *words], **more)


def _is_told(result):
    assert isinstance(result.exception, SystemExit), repr(result.exception)
    assert result.exit_code in (1, 2)
    assert "Traceback" not in result.output
    assert result.output.strip()
    assert len(result.output) < 12_000
    assert "Unexpected error" not in result.output, result.output


@pytest.fixture(autouse=True)
def plain(monkeypatch, tmp_path):
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.delenv("MARKETDAY_PROVISIONER", raising=False)


@pytest.fixture
def stopped(tmp_path):
    """The home of a stopped mall."""
    home = tmp_path / "stopped"
    for plane, names in (
        ("mall", ("edge", "postgres", "valkey", "mall", "console", "controller")),
        ("sandbox", ("sandbox",)),
    ):
        folder = home / plane
        folder.mkdir(parents=True)
        (folder / "ports.json").write_text(json.dumps(dict(zip(names, free_ports(len(names)), strict=True))))
    (home / "mall" / "secrets").mkdir()
    (home / "mall" / "secrets" / "signing-key.json").write_text(ed25519_key())
    return home


def _files(folder: Path) -> dict[str, Path]:
    found = {
        kind: folder / f"{kind}.toml"
        for kind in ("missing", "folder", "fifo", "binary", "empty", "huge", "deep", "long")
    }
    found["folder"].mkdir()
    os.mkfifo(found["fifo"])
    found["binary"].write_bytes(bytes(range(256)) * 40)
    found["empty"].touch()
    with found["huge"].open("wb") as file:
        file.truncate(2**32)
    found["deep"].write_text("[" * 100_000)
    found["long"].write_text("x" * 200_000)
    return found | {
        "endless": Path("/dev/zero"),
        "name too long": folder / ("n" * 300),
        "below a file": found["long"] / "x",
    }


@pytest.mark.parametrize("words", [pytest.param(words, id=name) for name, words in OF_FILES.items()])
def test_a_file_that_is_none(stopped, tmp_path, words):
    good = tmp_path / "good.toml"
    good.write_text(DAWN_SERUM, "utf-8")
    for path in _files(tmp_path).values():
        _is_told(_run(stopped, [word.format(file=path, good=good) for word in words]))


@pytest.mark.parametrize("words", [pytest.param(words, id=name) for name, words in OF_NAMES.items()])
def test_a_name_or_moment_that_is_none(stopped, words):
    for name, moment in zip(NAMES, [*MOMENTS, *MOMENTS], strict=False):
        _is_told(_run(stopped, [word.format(name=name, moment=moment) for word in words], input="secret\n"))


def _homes(folder: Path) -> dict[str, Path]:
    homes = {
        kind: folder / kind for kind in ("a file", "a link to nothing", "ports", "ports of a list", "ports of text")
    }
    homes["a file"].touch()
    homes["a link to nothing"].symlink_to(folder / "nothing" / "below")
    for kind, text in (("ports", b"{"), ("ports of a list", b"[1]"), ("ports of text", b'{"sandbox": "\xff"}')):
        for plane in ("mall", "sandbox"):
            (homes[kind] / plane).mkdir(parents=True)
            (homes[kind] / plane / "ports.json").write_bytes(text)
            (homes[kind] / plane / "plane.json").write_bytes(text)
    return homes | {"below a file": homes["a file"] / "home", "too long": folder / ("h" * 300)}


EVERY = {**OF_NAMES, "env plan": OF_FILES["env plan"], "env build": OF_FILES["env build"], **OPENING}


@pytest.mark.parametrize("words", [pytest.param(words, id=name) for name, words in EVERY.items()])
def test_a_home_that_is_none(tmp_path, words):
    good = tmp_path / "good.toml"
    good.write_text(DAWN_SERUM, "utf-8")
    for kind, home in _homes(tmp_path).items():
        if words[0] in OPENING and kind == "a link to nothing":
            continue  # the folder is made there again, as after a tidied /var/tmp
        filled = [word.format(name="x", moment="2030-01-01T00:00", file=good) for word in words]
        result = _run(home, filled, input="secret\n")
        if words[0] == "down" and result.exit_code == 0:
            continue  # whatever the files of a plane say, what runs of it is ended: here nothing
        _is_told(result)


def test_what_nobody_foresaw_is_a_sentence_and_a_file_of_its_owner_s(monkeypatch, tmp_path, stopped):
    def broken(_):
        secret = "hush"  # noqa: F841 - a variable that must not be shown
        raise LookupError("postgresql://postgres:letmein@127.0.0.1/mall")

    monkeypatch.setattr(desks, "find_home", broken)
    result = _run(stopped, ["env", "status"])
    assert result.exit_code == 1
    assert "Traceback" not in result.output
    [file] = tmp_path.glob("marketday-*.log")
    assert str(file) in result.output
    assert file.stat().st_mode & 0o777 == 0o600
    details = file.read_text()
    assert "Traceback" in details
    assert "hush" not in details
    assert "letmein" not in details + result.output


@pytest.mark.parametrize("key", [b"", b"{", b"[]", b'{"kty": "OKP"}', b"\xff" * 40, None])
def test_a_mall_s_key_that_is_none_is_named(stopped, key):
    file = stopped / "mall" / "secrets" / "signing-key.json"
    file.unlink()
    if key is not None:
        file.write_bytes(key)
    result = _run(stopped, ["env", "status"])
    _is_told(result)
    assert str(file) in result.output


def test_what_a_command_s_parts_log_is_a_line_without_a_traceback(capsys, tmp_path):
    before = structlog.get_config()
    try:
        guard.log_to_people()
        log = structlog.get_logger()
        for error in (LookupError("postgresql://a:letmein@x\nsecond line"), NoHome("told by the command itself")):
            log.warning("step_failed", step="hand_over", exc_info=error)
    finally:
        structlog.configure(**before)
    [line] = capsys.readouterr().err.splitlines()
    [file] = tmp_path.glob("marketday-*.log")
    assert line.startswith("warning: step_failed: step hand_over, detail LookupError: postgresql://[removed]@x second")
    assert str(file) in line


def test_a_full_disk_and_a_folder_that_is_closed_are_named():
    assert "no space left on the disk" in guard.sentence(OSError(28, "No space left on device", "/srv/x"))
    assert "/srv/x: Permission denied" in guard.sentence(PermissionError(13, "Permission denied", "/srv/x"))
    assert "Not enough memory" in guard.sentence(MemoryError())


def test_an_interruption_says_that_it_can_go_on(monkeypatch, stopped):
    def interrupted(_):
        raise KeyboardInterrupt

    monkeypatch.setattr(desks, "find_home", interrupted)
    result = _run(stopped, ["env", "status"])
    assert result.exit_code == guard.INTERRUPTED
    assert "repeat the command to continue" in result.output


@pytest.mark.parametrize("service", ["mall", "gate", "store", "worker", "console", "controller", "sandbox", "migrate"])
def test_a_service_names_the_setting_that_is_wrong(service, monkeypatch, capsys):
    settings = {"MARKETDAY_PORT": "eighty", "MARKETDAY_DATABASE_PORT": "eighty", "MARKETDAY_GATEWAY_KEY": "hush"}
    for name in [name for name in os.environ if name.startswith("MARKETDAY_")]:
        monkeypatch.delenv(name)
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("sys.argv", [service])
    with pytest.raises(SystemExit) as ended:
        importlib.import_module(f"marketday.apps.{service}").main()
    [line] = capsys.readouterr().err.splitlines()
    assert ended.value.code == 2
    assert "PORT is 'eighty'" in line
    assert "hush" not in line
