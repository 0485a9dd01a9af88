import pytest

from marketday.crowd.errors import CrowdError
from marketday.crowd.published_draw import PublishedDraw, parse_draw


def test_the_draw_is_read_once_it_is_published() -> None:
    assert parse_draw(None, None) is None
    assert parse_draw("0a", 3) == PublishedDraw(b"\x0a", 3)
    with pytest.raises(CrowdError, match="hexadecimal"):
        parse_draw("zz", 3)
