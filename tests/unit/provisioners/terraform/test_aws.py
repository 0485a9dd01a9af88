"""AWS that cannot be asked is told in words, and not by a traceback."""

import pytest

from marketday.provisioners.terraform.aws import client
from marketday.provisioners.terraform.errors import NotSetUp


@pytest.mark.parametrize(
    ("variables", "words"),
    [({}, "must specify a region"), ({"AWS_PROFILE": "nobody", "AWS_DEFAULT_REGION": "ap-northeast-2"}, "nobody")],
)
def test_a_client_that_cannot_be_made_says_what_is_missing(variables, words, monkeypatch, tmp_path):
    for name in ("AWS_DEFAULT_REGION", "AWS_PROFILE", "AWS_DEFAULT_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(NotSetUp, match=words):
        client("dynamodb")
