"""What OpenAPI says of an API beyond its routes: who may ask, what groups of calls are for, and how it refuses."""

from collections.abc import Iterator, Mapping
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from marketday.web.problems import Problem

IDENTITY: dict[str, Any] = {
    "identity": {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "JWT",
        "description": "An identity token of the mall's POST /v1/identity-tokens.",
    }
}
ADMISSION: dict[str, Any] = {
    "admission": {
        "type": "apiKey",
        "in": "header",
        "name": "Marketday-Admission",
        "description": "The token that the gate's POST /v1/drops/{drop}/admissions gave for this drop.",
    }
}

# FastAPI's own pages on an API load scripts from another site, which no page of ours may; the document says it all.
NO_API_PAGES: dict[str, Any] = {"docs_url": None, "redoc_url": None}

_PROBLEM = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
_ANY_CALL = {
    "421": "It was asked for under another host name than the service's own.",
    "503": "Something that the answer needs is away for a moment; see Retry-After.",
}
_ANY_WRITE = {
    "400": "The body is not JSON, or the idempotency key cannot be one.",
    "403": "It was sent from a page of another site, or hides where it is from.",
    "413": "The body is too large.",
}
_WRITES = frozenset({"post", "put", "patch", "delete"})


def install_openapi(app: FastAPI, *, tags: Mapping[str, str], schemes: Mapping[str, Any]) -> None:
    """Complete the document of `app` at /openapi.json.

    `tags` are the groups of calls, each with what it is for. `schemes` are the security schemes that routes name
    in their `openapi_extra`. Every refusal becomes what it is, a problem document (RFC 9457).
    """
    app.openapi_tags = [{"name": name, "description": text} for name, text in tags.items()]

    def document() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _completed(app, schemes)
        return app.openapi_schema

    app.openapi = document  # type: ignore[method-assign] # FastAPI's documented way to extend it


def _completed(app: FastAPI, schemes: Mapping[str, Any]) -> dict[str, Any]:
    found = get_openapi(
        title=app.title, version=app.version, description=app.description, tags=app.openapi_tags, routes=app.routes
    )
    for method, operation in _operations(found):
        refusals = _ANY_CALL | (_ANY_WRITE if method in _WRITES else {})
        answers = operation["responses"]
        for status, text in refusals.items():
            answers.setdefault(status, {"description": text})
        for status, answer in answers.items():
            if status >= "400":
                answer["content"] = _PROBLEM
    parts = found.setdefault("components", {})
    parts.setdefault("securitySchemes", {}).update(schemes)
    shapes = parts.setdefault("schemas", {})
    shapes["Problem"] = Problem.model_json_schema()
    for unused in ("HTTPValidationError", "ValidationError"):  # what FastAPI would answer, and we do not
        shapes.pop(unused, None)
    return found


def _operations(found: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path in found["paths"].values():
        yield from path.items()
