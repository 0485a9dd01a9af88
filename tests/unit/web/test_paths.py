import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketday.web.paths import local_path


@pytest.mark.parametrize("path", ["/", "/orders", "/orders?after=x&lang=ko", "/drops/dawn-serum"])
def test_a_path_of_this_site_is_kept(path):
    assert local_path(path) == path


@pytest.mark.parametrize(
    "elsewhere",
    [
        *("", None, "orders", "http://evil.example/", "//evil.example", "/\\evil.example", "/\t/evil.example"),
        *("javascript:alert(1)", "\\\\evil.example", "/\n/evil.example", " //evil.example"),
    ],
)
def test_anything_else_leads_to_the_start(elsewhere):
    assert local_path(elsewhere) == "/"


@given(st.text())
def test_whatever_is_wished_stays_on_this_site(wish):
    path = local_path(wish)
    assert path.startswith("/")
    assert not path.startswith(("//", "/\\"))
    assert path.isascii()
    assert path.isprintable()
