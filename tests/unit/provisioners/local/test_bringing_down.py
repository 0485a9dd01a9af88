"""`marketday down` ends all that it can, says what it cannot, and can be done again."""

import asyncio
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
import typer
from typer.testing import CliRunner

from marketday.cli.down import install_down
from marketday.drops.definition import DropDefinition
from marketday.environments.ending import NotEnded
from marketday.environments.errors import StillStanding
from marketday.environments.model import State, requested
from marketday.kit.ids import new_id
from marketday.provisioners.local import bringing_down
from marketday.provisioners.local.bringing_down import MallNotStarted, down
from marketday.provisioners.local.errors import HomeInUse, HomeUnusable, NoHome, NotReady, ProcessFailed
from marketday.provisioners.local.holding import hold_home
from marketday.provisioners.local.home import find_home
from marketday.testing.definitions import dawn_serum


class Place:
    """A home with an environment, whose servers are looked at alone."""

    def __init__(self, path, monkeypatch):
        self.path, self.told, self.stopped, self.released = path, [], 0, []
        self.standing: list[NotEnded] = []
        self.trouble: BaseException | None = None
        definition: DropDefinition = dawn_serum()
        self.environment = requested(new_id(), definition, definition.schedule())
        (path / "mall").mkdir(parents=True)
        self.event = path / "environments" / str(self.environment.id)
        self.event.mkdir(parents=True)
        for name in ("start_mall", "stop_everything"):
            monkeypatch.setattr(bringing_down, name, getattr(self, name))

    async def start_mall(self, _home):
        if self.trouble:
            raise self.trouble

    async def stop_everything(self, _home):
        self.stopped += 1

    @asynccontextmanager
    async def open_ending(self, _plane):
        yield self

    async def living(self):
        return [self.environment]

    async def end_all(self, _living, _tell, release):
        self.released.append(release)
        if not self.standing and self.event.is_dir():
            self.event.rmdir()
        return self.standing

    async def down(self, **options):
        await down(self.open_ending, self.path, self.told.append, **options)


@pytest.fixture
def place(tmp_path, monkeypatch):
    return Place(tmp_path / "home", monkeypatch)


@pytest.mark.parametrize(
    ("state", "now", "told"), [(State.OPEN, False, True), (State.OPEN, True, False), (State.READY, False, False)]
)
async def test_who_waits_for_what_people_hold_is_told_how_not_to(place, state, now, told):
    place.environment = replace(place.environment, state=state)

    await place.down(now=now)

    assert any("marketday down --now" in line for line in place.told) is told


async def test_all_is_ended_and_that_can_be_repeated(place):
    await place.down()
    await place.down()
    assert place.told == ["dawn-serum: requested, ending it", *["everything is stopped"] * 2]
    assert (place.stopped, place.released) == (2, [""])
    await place.down(purge=True)
    assert not place.path.exists()
    with pytest.raises(NoHome):
        await place.down()


async def test_what_stands_is_named_with_the_command_that_goes_on_and_the_mall_runs_on_for_it(place):
    place.standing = [NotEnded(place.environment, "hand_back failed: its slug is taken", "env retry the-id")]
    with pytest.raises(StillStanding) as refused:
        await place.down(purge=True)
    told = str(refused.value)
    assert "dawn-serum" in told
    assert "its slug is taken" in told
    assert f"`marketday --home {place.path} env retry the-id`" in told
    assert f"`marketday --home {place.path} down` again" in told
    assert (place.stopped, place.event.is_dir()) == (0, True)
    place.standing = []
    await place.down()
    assert place.stopped == 1


async def test_now_says_who_releases_what_people_hold(place):
    await place.down(now=True)
    assert place.released[0].startswith("marketday down --now by ")


@pytest.mark.parametrize(
    "trouble",
    [
        NotReady("postgres ended before it was ready"),
        PermissionError(13, "Permission denied", "/srv/shop/mall/ports.json"),
        OSError(30, "Read-only file system"),
        ValueError("half a file"),
        KeyError("edge"),
    ],
)
async def test_a_mall_that_does_not_start_is_stopped_with_all_else_and_no_data_is_touched(place, trouble):
    place.trouble = trouble
    with pytest.raises(MallNotStarted) as refused:
        await place.down(purge=True)
    assert str(trouble) in str(refused.value)
    assert "all data kept" in str(refused.value)
    assert (place.stopped, place.event.is_dir()) == (1, True)
    place.trouble = None
    await place.down()


async def test_a_plane_that_the_records_do_not_know_is_stopped_and_never_removed(place):
    unknown = place.path / "environments" / str(new_id())
    unknown.mkdir()
    await place.down()
    assert place.stopped == 1
    with pytest.raises(HomeUnusable, match=unknown.name):
        await place.down(purge=True)
    assert unknown.is_dir()


async def test_a_foreign_file_stops_the_purge_before_anything_is_ended(place):
    (place.path / "thesis.odt").write_text("chapter 1")
    with pytest.raises(HomeUnusable, match=r"thesis\.odt"):
        await place.down(purge=True)
    assert (place.stopped, place.released) == (0, [])
    await place.down()


async def test_one_that_is_interrupted_lets_the_home_go(place):
    begun = asyncio.Event()

    async def end_for_ever(*_arguments):
        begun.set()
        await asyncio.Event().wait()

    end_all, place.end_all = place.end_all, end_for_ever
    task = asyncio.create_task(place.down())
    await begun.wait()
    with pytest.raises(HomeInUse, match="`marketday down`"):
        await place.down()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    place.end_all = end_all
    await place.down()
    assert place.stopped == 1


def _run(work, *arguments):
    app = typer.Typer()

    @app.callback()
    def root(ctx: typer.Context) -> None:
        ctx.obj = "home"

    install_down(app, work, lambda: None)
    return CliRunner().invoke(app, ["down", *arguments])


@pytest.mark.parametrize(
    ("error", "status", "words"),
    [
        (StillStanding("dawn-serum stands"), 1, "Not everything could be ended: dawn-serum stands"),
        (ProcessFailed("mall: still running"), 1, "still running"),
        (PermissionError(13, "Permission denied", "/srv/home"), 1, "/srv/home: Permission denied; expected"),
        (asyncio.CancelledError(), 130, "repeat `marketday down` to stop them"),
    ],
)
def test_the_command_says_in_one_line_what_is_wrong(error, status, words):
    async def fails(_path, _tell, *, purge, now):
        raise error

    result = _run(fails)
    assert result.exit_code == status
    assert words in result.output
    assert "Traceback" not in result.output


def test_the_command_passes_its_options_on():
    asked = []

    async def work(path, tell, **options):
        asked.append((path, options))
        tell("[bold]as it is[/bold]")

    result = _run(work, "--now", "--purge")
    assert asked == [("home", {"purge": True, "now": True})]
    assert "[bold]as it is[/bold]" in result.output


async def test_a_home_in_use_is_left_alone(place):
    with hold_home(find_home(place.path), "marketday demo"), pytest.raises(HomeInUse):
        await place.down(purge=True)
    assert (place.stopped, place.event.is_dir()) == (0, True)
