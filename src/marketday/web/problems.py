"""Errors as problem documents (RFC 9457), or as pages for browsers."""

from collections.abc import Mapping
from dataclasses import dataclass, field
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
PROBLEM = "application/problem+json"
SHOWN = 80  # characters of a refused value that an answer repeats
MOST_MISTAKES = 20  # that an answer names: a body of 64 KB can have thousands, and its answer would be much larger

_log = structlog.get_logger()


class Problem(BaseModel):
    """A problem document (RFC 9457); errors may add members."""

    model_config = ConfigDict(extra="allow")

    type: str
    title: str
    status: int
    detail: str = ""
    instance: str = ""


@dataclass(frozen=True, slots=True)
class Refusal:
    """What an error answers; `extra` are further members of its document."""

    status: int
    slug: str
    title: str
    detail: str = ""
    extra: Mapping[str, Any] = field(default_factory=dict)

    def document(self, request_id: str) -> dict[str, Any]:
        """Return the problem document for a request."""
        return {
            "type": f"urn:marketday:problem:{self.slug}",
            "title": self.title,
            "status": int(self.status),
            "detail": self.detail,
            "instance": f"urn:marketday:request:{request_id}",
            **self.extra,
        }

    def headers(self) -> dict[str, str]:
        """Return the headers that belong to the status; `retry_after` in `extra` becomes one too."""
        headers = {"cache-control": "no-store"}
        if self.status == HTTPStatus.UNAUTHORIZED:
            headers["www-authenticate"] = "Bearer"
        if "retry_after" in self.extra:
            headers["retry-after"] = str(self.extra["retry_after"])
        elif self.status == HTTPStatus.SERVICE_UNAVAILABLE:
            headers["retry-after"] = "1"
        return headers


def refusal_of(error: MarketdayError) -> Refusal:
    """Return the answer to one of our own errors, by its class."""
    status = STATUS[error.kind]
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        _log.warning("request_failed", problem=error.slug, detail=error.detail)
    return Refusal(status, error.slug, error.title, error.detail, error.extra)


def crash_of(error: Exception, path: str, request_id: str) -> Refusal:
    """Log an unexpected error, and return an answer without its message, which may contain secrets."""
    _log.error("request_crashed", path=path, request_id=request_id, exc_info=error)
    return Refusal(HTTPStatus.INTERNAL_SERVER_ERROR, "internal-error", "An unexpected error on our side")


def problem(request: Request, refusal: Refusal) -> Response:
    """Answer with a problem document."""
    document = refusal.document(request.scope.get("request_id", ""))
    return JSONResponse(document, refusal.status, refusal.headers(), media_type=PROBLEM)


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

    def _answer(self, request: Request, refusal: Refusal) -> Response:
        if self._pages is None or not wants_page(request):
            return problem(request, refusal)
        shown = {"slug": refusal.slug, "title": refusal.title, "detail": refusal.detail}
        page = self._pages.render(request, "problem.html", status=refusal.status, **shown)
        page.headers.update(refusal.headers())
        return page

    async def marketday_error(self, request: Request, error: Exception) -> Response:
        """Answer one of our own errors according to its class."""
        assert isinstance(error, MarketdayError)  # noqa: S101 - registered only for this class
        return self._answer(request, refusal_of(error))

    async def invalid_request(self, request: Request, error: Exception) -> Response:
        """Answer a request with wrong values; name each value and what was expected."""
        assert isinstance(error, RequestValidationError)  # noqa: S101
        found = error.errors()
        if any(each["type"] == "json_invalid" for each in found):
            detail = "The body is not JSON; expected a JSON object."
            return self._answer(request, Refusal(HTTPStatus.BAD_REQUEST, "not-json", "The body is not JSON", detail))
        if any(each["loc"] == ("body",) and isinstance(each.get("input"), bytes) for each in found):
            detail = f"Content-Type {request.headers.get('content-type', 'is missing')!r}; expected application/json"
            unsupported = Refusal(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "not-json", "The body is not JSON", detail)
            return self._answer(request, unsupported)
        errors = [_mistake(each) for each in found[:MOST_MISTAKES]]
        detail = "; ".join(f"{each['key']}: {each['expected']}, got {each['value']}" for each in errors)
        title = "The request is not valid"
        wrong = Refusal(HTTPStatus.UNPROCESSABLE_ENTITY, "invalid-request", title, detail, {"errors": errors})
        return self._answer(request, wrong)

    async def http_error(self, request: Request, error: Exception) -> Response:
        """Answer a request that the framework refuses."""
        assert isinstance(error, HTTPException)  # noqa: S101
        if isinstance(error.__cause__, MarketdayError):  # FastAPI wraps errors that are raised while it reads the body
            return await self.marketday_error(request, error.__cause__)
        title = HTTPStatus(error.status_code).phrase
        detail = error.detail if error.detail != title else ""
        answer = self._answer(request, Refusal(error.status_code, title.lower().replace(" ", "-"), title, detail))
        answer.headers.update(error.headers or {})  # such as Allow (RFC 9110, section 15.5.6)
        return answer

    async def unexpected(self, request: Request, error: Exception) -> Response:
        """Answer an unexpected error. The log context of the request has ended, so its id is given."""
        return self._answer(request, crash_of(error, request.url.path, request.scope.get("request_id", "")))


def wants_page(request: Request) -> bool:
    """Return whether the request is from a browser that wants to show a page."""
    return not request.url.path.startswith("/v1/") and "text/html" in request.headers.get("accept", "")


def _mistake(error: Mapping[str, Any]) -> dict[str, str]:
    where = [str(part) for part in error["loc"] if part not in ("body", "query", "path", "header")]
    value = error.get("input")
    shown = "nothing" if error["type"] == "missing" else repr(value)[:SHOWN]
    return {"key": ".".join(where) or "body", "value": shown, "expected": str(error["msg"])}
