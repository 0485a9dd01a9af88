"""With authorities a database's URL demands that one of them vouches for the server."""

from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from marketday.kit.certificates import with_authorities


@pytest.mark.parametrize(
    "query", ["", "?sslmode=require", "?sslmode=disable&sslrootcert=/etc/other.pem", "?sslmode=verify-full"]
)
def test_the_server_is_checked_with_these_authorities_alone(query):
    asked = parse_qs(urlsplit(with_authorities(f"postgresql://a:b@h:5432/d{query}", "PEM")).query)
    (file,) = asked.pop("sslrootcert")
    assert Path(file).read_text("utf-8") == "PEM"
    assert Path(file).stat().st_mode & 0o077 == 0
    assert asked == {"sslmode": ["verify-full"]}


def test_what_the_url_says_besides_stays():
    url = with_authorities("postgresql://a:b@h/d?application_name=tea&sslmode=require", "PEM")
    assert url.startswith("postgresql://a:b@h/d?application_name=tea&sslmode=verify-full&sslrootcert=")


@pytest.mark.parametrize("nothing", [None, ""])
def test_without_authorities_the_url_stays_as_it_is(nothing):
    assert with_authorities("postgresql://a:b@h/d?sslmode=require", nothing) == "postgresql://a:b@h/d?sslmode=require"
