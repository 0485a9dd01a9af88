"""/openapi.json is complete: it describes the security schemes and the refusals of every call."""

import ast
import json
from inspect import iscoroutinefunction
from pathlib import Path

import pytest_asyncio
from fastapi import FastAPI
from fastapi.routing import APIRoute

import marketday
from marketday.accounts.tokens import parse_signing_key, public_jwks
from marketday.apps import gate, mall, store
from marketday.testing.accounts import ed25519_key

NOWHERE = {"port": 1, "gateway_url": "http://127.0.0.1:1", "gateway_key": "of nobody"}
DATABASE = {"database_url": "postgresql://nobody@127.0.0.1:1/none"}
VALKEY = {"valkey_url": "redis://127.0.0.1:1/0"}
OPEN = {  # calls that need nobody's name
    ("POST", "/v1/accounts"),
    ("POST", "/v1/sessions"),
    ("GET", "/.well-known/jwks.json"),
    ("GET", "/v1/categories"),
    ("GET", "/v1/products"),
    ("GET", "/v1/products/{handle}"),
    ("GET", "/v1/drops"),
    ("GET", "/v1/drops/{drop}/now"),
}


@pytest_asyncio.fixture(params=["mall", "gate", "store"], scope="module", loop_scope="module")
async def app(request, tmp_path_factory) -> FastAPI:
    tmp_path, key = tmp_path_factory.mktemp("keys"), ed25519_key()
    (tmp_path / "key.json").write_text(key)
    (tmp_path / "jwks.json").write_text(json.dumps(public_jwks(parse_signing_key(key), "http://mall")))
    event = {"jwks_file": tmp_path / "jwks.json", "admission_key": "ab" * 32, "public_url": "http://event", **NOWHERE}
    if request.param == "mall":
        signing = {"signing_key_file": tmp_path / "key.json", "public_url": "http://mall"}
        return mall.create_app(mall.Settings(**signing, **DATABASE, **VALKEY, **NOWHERE))
    if request.param == "gate":
        return gate.create_app(gate.Settings(mall_url="http://mall", **VALKEY, **event))
    return store.create_app(store.Settings(mall_url="http://mall", **DATABASE, **event))


def operations(document):
    return [(method.upper(), path, each) for path, calls in document["paths"].items() for method, each in calls.items()]


def test_every_refusal_is_a_problem_document(app):
    document = app.openapi()
    assert {"type", "title", "status", "detail", "instance"} <= set(
        document["components"]["schemas"]["Problem"]["properties"]
    )
    for method, path, each in operations(document):
        refusals = {status: answer for status, answer in each["responses"].items() if status >= "400"}
        assert set(refusals) >= ({"503", "400", "413"} if method != "GET" else {"503"}), (method, path)
        assert {kind for answer in refusals.values() for kind in answer["content"]} == {"application/problem+json"}
    assert "HTTPValidationError" not in json.dumps(document)


def test_every_call_belongs_to_a_group_that_is_explained(app):
    document = app.openapi()
    explained = {tag["name"] for tag in document["tags"] if tag["description"]}
    used = {tag for *_, each in operations(document) for tag in each["tags"]}
    assert used == explained
    assert all(each["tags"] for *_, each in operations(document))


def test_every_call_says_who_may_ask(app):
    document = app.openapi()
    defined = set(document["components"]["securitySchemes"])
    for method, path, each in operations(document):
        named = {name for way in each.get("security", ()) for name in way}
        assert named <= defined
        assert bool(named) == ((method, path) not in OPEN), (method, path)
        if named and "401" not in each["responses"]:
            assert (method, path) == ("DELETE", "/v1/sessions")


def test_every_write_takes_an_idempotency_key(app):
    for method, path, each in operations(app.openapi()):
        headers = {one["name"].lower() for one in each.get("parameters", ()) if one["in"] == "header"}
        assert ("idempotency-key" in headers) == (method != "GET"), (method, path)


def test_every_hot_endpoint_is_described_by_a_route_of_the_framework(app):
    described = {(method, path) for method, path, _ in operations(app.openapi())}
    hot = app.state.hot.endpoints
    assert {(endpoint.method, endpoint.path) for endpoint in hot} <= described
    assert hot


def test_no_service_has_a_page_whose_script_our_policy_blocks():
    """FastAPI's own pages at /docs and /redoc would load scripts from another site."""
    made = [
        (file.name, ast.unparse(call))
        for file in Path(marketday.__file__).parent.rglob("*.py")
        if "FastAPI(" in (text := file.read_text("utf-8"))
        for call in ast.walk(ast.parse(text))
        if isinstance(call, ast.Call) and ast.unparse(call.func) == "FastAPI"
    ]
    assert len(made) >= 7
    assert [name for name, call in made if "**NO_API_PAGES" not in call and "openapi_url=None" not in call] == []


def test_no_part_of_an_answer_waits_for_a_thread(app):
    """FastAPI gives a plain function to a pool of threads; each change of threads costs milliseconds."""

    def parts(dependant):
        yield from (part for each in dependant.dependencies for part in parts(each))
        if dependant.call is not None:
            yield dependant.call

    calls = [call for route in app.routes if isinstance(route, APIRoute) for call in parts(route.dependant)]
    assert len(calls) > 3
    plain = {call for call in calls if not (iscoroutinefunction(call) or iscoroutinefunction(type(call).__call__))}
    assert plain == set(), "make it `async def`"
