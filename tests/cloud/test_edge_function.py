"""The edge's function: the store of today, or the holding page. Node runs the very file that CloudFront gets."""

import json
import re
import shutil
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
EDGE = ROOT / "infra/terraform/modules/edge"
NODE = shutil.which("node")
HOST = "drop.example.com"
BALANCER = "md-3f9a1c2e-123456789.ap-northeast-2.elb.amazonaws.com"
ROOM_OPENS = datetime(2026, 12, 10, 10, 0, tzinfo=UTC)
CLOSES = datetime(2026, 12, 10, 14, 0, tzinfo=UTC)
PROOF = "3c9d2f60-0000-4000-8000-000000000000"
PLACE = {"origin": BALANCER, "from": ROOM_OPENS.isoformat(), "until": CLOSES.isoformat(), "proof": PROOF}
HELD_URI = "/holding.html"
SET = {"x-marketday-viewer": {"value": "203.0.113.7"}, "x-marketday-proof": {"value": PROOF}}

pytestmark = pytest.mark.skipif(NODE is None, reason="NO NODE: the edge's function is NOT tested")


def request(uri: str = "/drops/dawn-serum", method: str = "GET", host: str = HOST) -> dict[str, Any]:
    query = {"from": {"value": "mail"}}
    return {"method": method, "uri": uri, "querystring": query, "headers": {"host": {"value": host}}, "cookies": {}}


def ask(folder: Path, *cases: tuple[datetime, dict[str, str], dict[str, Any]]) -> list[dict[str, Any]]:
    source = (EDGE / "function.js").read_text("utf-8")
    first, rest = source.split("\n", 1)
    assert first == "import cf from 'cloudfront';"
    function = folder / "function.js"
    function.write_text(rest, "utf-8")
    asked = [{"now": now.isoformat(), "places": places, "request": sent} for now, places, sent in cases]
    argv = [str(NODE), str(Path(__file__).with_name("edge_check.mjs")), str(function)]
    done = subprocess.run(argv, input=json.dumps(asked), capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    told: list[dict[str, Any]] = json.loads(done.stdout)
    return told


def placed(*places: dict[str, Any]) -> dict[str, str]:
    return {f"{HOST}/{number}": json.dumps(place) for number, place in enumerate(places)}


def test_people_come_to_the_store_while_it_stands_and_an_hour_longer(tmp_path):
    moments = {
        ROOM_OPENS - timedelta(seconds=1): False,
        ROOM_OPENS: True,
        CLOSES: True,
        CLOSES + timedelta(hours=1): True,
        CLOSES + timedelta(hours=1, seconds=1): False,
    }
    told = ask(tmp_path, *((moment, placed(PLACE), request()) for moment in moments))
    assert [bool(each["moved"]) for each in told] == list(moments.values())
    assert [each["result"]["uri"] == HELD_URI for each in told] == [not is_open for is_open in moments.values()]


def test_the_store_is_asked_by_tls_in_the_name_that_its_certificate_shows(tmp_path):
    (told,) = ask(tmp_path, (ROOM_OPENS, placed(PLACE), request()))
    (origin,) = told["moved"]
    assert (origin["domainName"], origin["hostHeader"]) == (BALANCER, HOST)
    assert origin["customOriginConfig"] == {"port": 443, "protocol": "https", "sslProtocols": ["TLSv1.2"]}
    assert origin["originAccessControlConfig"] == {"enabled": False}
    assert told["result"] == {**request(), "headers": {**request()["headers"], **SET}}


def test_the_firewall_learns_who_asks_and_nobody_says_so_for_himself(tmp_path):
    forged = request()
    forged["headers"]["x-marketday-viewer"] = {"value": "198.51.100.9"}
    forged["headers"]["x-marketday-proof"] = {"value": "guessed"}
    (told,) = ask(tmp_path, (ROOM_OPENS, placed(PLACE), forged))
    assert {name: told["result"]["headers"][name] for name in SET} == SET
    for file in (EDGE / "policies.tf", EDGE.parent / "load_balancer" / "firewall.tf"):
        assert [name for name in SET if f'"{name}"' not in file.read_text("utf-8")] == []


def test_whoever_shows_the_proof_comes_before_it_opens_and_nobody_else(tmp_path):
    early = ROOM_OPENS - timedelta(hours=12)
    cases = []
    for shown in (PROOF, "guessed", "", None):
        asked = request("/v1/drops/smoke-1/entries", "POST")
        if shown is not None:
            asked["headers"]["x-marketday-proof"] = {"value": shown}
        cases.append((early, placed(PLACE), asked))
    told = ask(tmp_path, *cases)
    assert [bool(each["moved"]) for each in told] == [True, False, False, False]
    assert [each["result"].get("statusCode") for each in told] == [None, 503, 503, 503]


def test_tomorrows_store_is_built_beside_todays_and_follows_it(tmp_path):
    day = timedelta(days=1)
    tomorrow = {
        "origin": "md-0badcafe-1.ap-northeast-2.elb.amazonaws.com",
        "from": (ROOM_OPENS + day).isoformat(),
        "until": (CLOSES + day).isoformat(),
        "proof": "another",
    }
    midnight = {**tomorrow, "from": (CLOSES + timedelta(minutes=30)).isoformat()}
    smoke = request()
    smoke["headers"]["x-marketday-proof"] = {"value": "another"}
    told = ask(
        tmp_path,
        (CLOSES, placed(PLACE, tomorrow), request()),
        (CLOSES, placed(PLACE, tomorrow), smoke),
        (ROOM_OPENS + day, placed(PLACE, tomorrow), request()),
        (CLOSES + timedelta(minutes=40), placed(PLACE, midnight), request()),
        (CLOSES + timedelta(minutes=40), placed(midnight, PLACE), request()),
        (CLOSES, {f"{HOST}/3": json.dumps(PLACE)}, request()),
    )
    came = [origin["domainName"] for each in told for origin in each["moved"]]
    assert came == [BALANCER, *[tomorrow["origin"]] * 4, BALANCER]


def test_a_host_name_is_found_however_it_is_written(tmp_path):
    (told,) = ask(tmp_path, (ROOM_OPENS, placed(PLACE), request(host="Drop.Example.COM")))
    assert [each["hostHeader"] for each in told["moved"]] == [HOST]


@pytest.mark.parametrize(
    "value",
    [
        None,
        "",
        "not json",
        "null",
        "{}",
        json.dumps({**PLACE, "origin": ""}),
        json.dumps({**PLACE, "proof": ""}),
        json.dumps({**PLACE, "from": "soon"}),
        json.dumps({**PLACE, "until": None}),
        json.dumps({"origin": BALANCER}),
    ],
)
def test_a_place_that_is_none_is_held_and_never_an_error(tmp_path, value):
    places = {} if value is None else {f"{HOST}/0": value}
    (told,) = ask(tmp_path, (ROOM_OPENS, places, request()))
    assert (told["moved"], told["result"]["uri"], told["result"]["querystring"]) == ([], HELD_URI, {})


def test_another_host_name_has_its_own_place(tmp_path):
    (told,) = ask(tmp_path, (ROOM_OPENS, placed(PLACE), request(host="other.example.com")))
    assert (told["moved"], told["result"]["uri"]) == ([], HELD_URI)


@pytest.mark.parametrize(
    ("method", "uri"), [("POST", "/drops/dawn-serum/room"), ("DELETE", "/"), ("GET", "/v1/drops/dawn-serum/now")]
)
def test_what_a_script_asks_is_told_not_now(tmp_path, method, uri):
    (told,) = ask(tmp_path, (CLOSES + timedelta(days=1), placed(PLACE), request(uri, method)))
    assert (told["moved"], told["result"]["statusCode"]) == ([], 503)
    assert told["result"]["headers"]["retry-after"] == {"value": "60"}


def test_it_is_as_small_as_cloudfront_takes_it():
    assert len((EDGE / "function.js").read_bytes()) < 10 * 1024


def test_the_holding_page_stands_by_itself_in_both_languages():
    page = (EDGE / "holding.html").read_text("utf-8")
    assert '<html lang="ko">' in page
    assert '<section lang="en">' in page
    assert "width=device-width" in page
    assert re.findall(r"""(?:src|href)=["'](?!data:)|url\(|@import|<script""", page) == []
