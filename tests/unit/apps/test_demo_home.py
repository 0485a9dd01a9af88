"""One day at a time in a home."""

import pytest

from marketday.apps.demo_home import DemoRuns, hold_home


def test_whoever_is_refused_leaves_the_lock_to_its_holder(tmp_path):
    home = tmp_path / "home"
    with hold_home(home):
        for _ in range(2):
            with pytest.raises(DemoRuns), hold_home(home):
                pass
    with hold_home(home):
        assert (tmp_path / "home.lock").exists()
    assert list(tmp_path.iterdir()) == []
