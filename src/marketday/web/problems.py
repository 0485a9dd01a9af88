"""Errors as problem documents (RFC 9457), or as pages for browsers."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, ConfigDict
from starlette.exceptions import HTTPException

from marketday.kit.errors import Kind, MarketdayError
from marketday.web.pages import Pages

STATUS = {
    Kind.INVALID: HTTPStatus.BAD_REQUEST,
    Kind.UNAUTHENTICATED: HTTPStatus.UNAUTHORIZED,
    Kind.PAYMENT_REQUIRED: HTTPStatus.PAYMENT_REQUIRED,
    Kind.FORBIDDEN: HTTPStatus.FORBIDDEN,
    Kind.NOT_FOUND: HTTPStatus.NOT_FOUND,
    Kind.CONFLICT: HTTPStatus.CONFLICT,
    Kind.GONE: HTTPStatus.GONE,
    Kind.TOO_LARGE: HTTPStatus.CONTENT_TOO_LARGE
    if hasattr(HTTPStatus, "CONTENT_TOO_LARGE")
    else HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    Kind.MISDIRECTED: HTTPStatus.MISDIRECTED_REQUEST,
    Kind.UNPROCESSABLE: HTTPStatus.UNPROCESSABLE_ENTITY,
    Kind.TOO_MANY: HTTPStatus.TOO_MANY_REQUESTS,
    Kind.UNAVAILABLE: HTTPStatus.SERVICE_UNAVAILABLE,
    Kind.FAULT: HTTPStatus.INTERNAL_SERVER_ERROR,
}
SHOWN = 80  # characters of a refused value that an answer repeats

_log = structlog.get_logger()


class Problem(BaseModel):
    """A problem document (RFC 9457); errors may add members."""

    model_config = ConfigDict(extra="allow")

    type: str
    title: str
    status: int
    detail: str = ""
    instance: str = ""


def problem(request: Request, status: int, slug: str, title: str, detail: str = "", **extra: Any) -> Response:
    """Answer with a problem document; `extra` are added as members, `retry_after` also as a header."""
    document = {
        "type": f"urn:marketday:problem:{slug}",
        "title": title,
        "status": int(status),
        "detail": detail,
        "instance": f"urn:marketday:request:{request.scope.get('request_id', '')}",
        **extra,
    }
    return JSONResponse(document, status, _headers(status, extra), media_type="application/problem+json")


def _headers(status: int, extra: Mapping[str, Any]) -> dict[str, str]:
    headers = {"Cache-Control": "no-store"}
    if status == HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = "Bearer"
    if "retry_after" in extra:
        headers["Retry-After"] = str(extra["retry_after"])
    elif status == HTTPStatus.SERVICE_UNAVAILABLE:
        headers["Retry-After"] = "1"
    return headers


def install_problems(app: FastAPI, pages: Pages | None = None) -> None:
    """Answer every error of `app` with a problem document; with `pages`, browsers get a page."""
    answers = _Answers(pages)
    app.add_exception_handler(MarketdayError, answers.marketday_error)
    app.add_exception_handler(RequestValidationError, answers.invalid_request)
    app.add_exception_handler(HTTPException, answers.http_error)
    app.add_exception_handler(Exception, answers.unexpected)


class _Answers:
    """The answers to each kind of error."""

    def __init__(self, pages: Pages | None) -> None:
        self._pages = pages

    def _answer(self, request: Request, status: int, slug: str, title: str, detail: str, **extra: Any) -> Response:
        if self._pages is not None and wants_page(request):
            page = self._pages.render(request, "problem.html", status=status, slug=slug, title=title, detail=detail)
            page.headers.update(_headers(status, extra))
            return page
        return problem(request, status, slug, title, detail, **extra)

    async def marketday_error(self, request: Request, error: Exception) -> Response:
        """Answer one of our own errors according to its class."""
        assert isinstance(error, MarketdayError)  # noqa: S101 - registered only for this class
        status = STATUS[error.kind]
        if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            _log.warning("request_failed", problem=error.slug, detail=error.detail)
        return self._answer(request, status, error.slug, error.title, error.detail, **error.extra)

    async def invalid_request(self, request: Request, error: Exception) -> Response:
        """Answer a request with wrong values; name each value and what was expected."""
        assert isinstance(error, RequestValidationError)  # noqa: S101
        found = error.errors()
        if any(each["type"] == "json_invalid" for each in found):
            detail = "The body is not JSON; expected a JSON object."
            return self._answer(request, HTTPStatus.BAD_REQUEST, "not-json", "The body is not JSON", detail)
        if any(each["loc"] == ("body",) and isinstance(each.get("input"), bytes) for each in found):
            detail = f"Content-Type {request.headers.get('content-type', 'is missing')!r}; expected application/json"
            return self._answer(request, HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "not-json", "The body is not JSON", detail)
        errors = [_mistake(each) for each in found]
        detail = "; ".join(f"{each['key']}: {each['expected']}, got {each['value']}" for each in errors)
        title = "The request is not valid"
        return self._answer(request, HTTPStatus.UNPROCESSABLE_ENTITY, "invalid-request", title, detail, errors=errors)

    async def http_error(self, request: Request, error: Exception) -> Response:
        """Answer a request that the framework refuses."""
        assert isinstance(error, HTTPException)  # noqa: S101
        if isinstance(error.__cause__, MarketdayError):  # FastAPI wraps errors that are raised while it reads the body
            return await self.marketday_error(request, error.__cause__)
        title = HTTPStatus(error.status_code).phrase
        detail = error.detail if error.detail != title else ""
        refusal = self._answer(request, error.status_code, title.lower().replace(" ", "-"), title, detail)
        refusal.headers.update(error.headers or {})  # such as Allow (RFC 9110, section 15.5.6)
        return refusal

    async def unexpected(self, request: Request, error: Exception) -> Response:
        """Answer an unexpected error, without its message, which may contain secrets."""
        # The log context of the request has ended, so its id must be added here.
        request_id = request.scope.get("request_id", "")
        _log.error("request_crashed", path=request.url.path, request_id=request_id, exc_info=error)
        title = "An unexpected error on our side"
        return self._answer(request, HTTPStatus.INTERNAL_SERVER_ERROR, "internal-error", title, "")


def wants_page(request: Request) -> bool:
    """Return whether the request is from a browser that wants to show a page."""
    return not request.url.path.startswith("/v1/") and "text/html" in request.headers.get("accept", "")


def _mistake(error: Mapping[str, Any]) -> dict[str, str]:
    where = [str(part) for part in error["loc"] if part not in ("body", "query", "path", "header")]
    value = error.get("input")
    shown = "nothing" if error["type"] == "missing" else repr(value)[:SHOWN]
    return {"key": ".".join(where) or "body", "value": shown, "expected": str(error["msg"])}
