import pytest

from marketday.crowd.client import address_headers
from marketday.crowd.errors import CrowdError, NotLoopback
from marketday.crowd.http.setup import LoopbackResolver
from marketday.crowd.plan import Plan, read_plan
from marketday.crowd.targets import address_of, check_target


@pytest.mark.parametrize(
    "url",
    ["http://127.0.0.1:8080", "http://localhost", "http://event.localhost:81", "http://[::1]:9", "http://127.9.9.9"],
)
def test_this_machine_is_a_target(url: str) -> None:
    assert check_target(url + "/") == url


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com",
        "http://10.0.0.1:80",
        "https://localhost.example.com",
        "http://notlocalhost",
        "ftp://localhost",
        "localhost:80",
        "",
        "http://0.0.0.0:80",
    ],
)
def test_everything_else_is_refused(url: str) -> None:
    with pytest.raises(NotLoopback, match="expected"):
        check_target(url)


async def test_the_resolver_knows_this_machine_alone() -> None:
    resolver = LoopbackResolver()

    assert [each["host"] for each in await resolver.resolve("event.localhost", 80)] == ["127.0.0.1"]
    with pytest.raises(OSError, match="another machine"):
        await resolver.resolve("example.com", 80)


def test_people_come_from_addresses_of_their_own() -> None:
    addresses = {address_of(number) for number in range(5000)}

    assert len(addresses) == 5000
    assert all(address.startswith(("198.18.", "198.19.")) for address in addresses)


def test_a_plan_for_another_machine_is_refused(tmp_path) -> None:
    path = tmp_path / "plan.json"
    path.write_text('{"seed": 1, "mall": "http://example.com", "journal": "x", "stops_at": 1}')

    with pytest.raises(CrowdError, match="another machine"):
        read_plan(path)


def test_a_bad_plan_names_its_mistakes(tmp_path) -> None:
    path = tmp_path / "plan.json"
    path.write_text('{"seed": "many", "mall": "http://localhost:1"}')

    with pytest.raises(CrowdError, match=r"seed: .*journal: Field required"):
        read_plan(path)
    with pytest.raises(CrowdError, match="No such file"):
        read_plan(tmp_path / "none.json")


def test_a_plan_survives_its_file(tmp_path) -> None:
    plan = Plan(seed=1, mall="http://localhost:1", journal=tmp_path / "log", stops_at=5.0)
    path = tmp_path / "plan.json"
    path.write_text(plan.model_dump_json())

    assert read_plan(path) == plan


def test_a_crowd_without_a_key_says_nothing_of_where_it_comes_from():
    assert address_headers("", "198.18.0.1") == {}
    assert address_headers("a key", "198.18.0.1") == {"Marketday-Crowd": "a key", "X-Forwarded-For": "198.18.0.1"}
