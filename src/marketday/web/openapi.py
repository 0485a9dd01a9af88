"""The parts of an OpenAPI document that are not routes: security schemes, descriptions of groups, and refusals."""

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
        "description": "The token from the gate's POST /v1/drops/{drop}/admissions for this drop.",
    }
}

# FastAPI's own documentation pages load scripts from another site, which our content policy forbids.
NO_API_PAGES: dict[str, Any] = {"docs_url": None, "redoc_url": None}

_PROBLEM = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
_ANY_CALL = {
    "421": "The request has another host name than the service's own.",
    "503": "A part of the service does not answer at the moment; see Retry-After.",
}
_ANY_WRITE = {
    "400": "The body is not JSON, or the idempotency key is not valid.",
    "403": "The request was sent from a page of another site, or hides its origin.",
    "413": "The request body is too large.",
}
_WRITES = frozenset({"post", "put", "patch", "delete"})


def install_openapi(app: FastAPI, *, tags: Mapping[str, str], schemes: Mapping[str, Any]) -> None:
    """Complete the document of `app` at /openapi.json.

    `tags` are the groups of calls with their descriptions. `schemes` are the security schemes that routes name in
    their `openapi_extra`. Every refusal is described as a problem document (RFC 9457).
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
    for unused in ("HTTPValidationError", "ValidationError"):  # FastAPI's error documents, which we do not use
        shapes.pop(unused, None)
    return found


def _operations(found: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path in found["paths"].values():
        yield from path.items()
