"""The order in which a home is stopped: what keeps the last seconds ends after what still sells."""

from marketday.kit.ids import new_id
from marketday.provisioners.local import mall_plane
from marketday.provisioners.local.home import open_home
from marketday.provisioners.local.mall_plane import stop_everything


async def test_an_event_plane_ends_before_the_archiver_which_keeps_what_it_sells(tmp_path, monkeypatch):
    home = open_home(tmp_path / "home")
    drop = home.environment(new_id())
    for folder in (home.mall, drop, home.sandbox):
        folder.path.mkdir(parents=True)
    ended = []
    monkeypatch.setattr(mall_plane, "end_plane", lambda path, _: ended.append(path))
    await stop_everything(home)
    assert ended.index(drop.path) < ended.index(home.mall.path) < ended.index(home.sandbox.path)
    assert drop.path in ended[ended.index(home.mall.path) :], "the controller may have made one meanwhile"
