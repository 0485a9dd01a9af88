"""Sign-in and sign-out of the console."""

from typing import Annotated

from fastapi import APIRouter, Form, Query, Request, Response

from marketday.accounts.errors import AccountError, NotViewer
from marketday.kit.errors import MarketdayError
from marketday.web.console.door import Door
from marketday.web.pages import Pages
from marketday.web.paths import local_path, see_other
from marketday.web.problems import STATUS
from marketday.web.sessions import address_of

_SAID = frozenset({"wrong-credentials", "too-many-sign-ins", "not-viewer"})  # refusals that have their own text
Typed = Annotated[str, Form(max_length=1000)]
Next = Annotated[str, Query(alias="next")]


def sign_in_pages(door: Door, pages: Pages) -> APIRouter:
    """Return the routes."""
    routes = APIRouter(include_in_schema=False)

    def form(request: Request, wish: str, email: str = "", error: MarketdayError | None = None) -> Response:
        said = None if error is None else error.slug if error.slug in _SAID else "other"
        status = 200 if error is None else int(STATUS[error.kind])
        page = pages.render(
            request, "sign_in.html", status=status, email=email, next=local_path(wish), error=said, viewer=None
        )
        if error is not None and "retry_after" in error.extra:
            page.headers["Retry-After"] = str(error.extra["retry_after"])
        return page

    @routes.get("/sign-in")
    async def ask(request: Request, wish: Next = "/") -> Response:
        """Show the sign-in form. A signed-in account that may look is redirected; another one gets a message."""
        try:
            await door.viewer(request)
        except MarketdayError as error:
            return form(request, wish, error=error if isinstance(error, NotViewer) else None)
        return see_other(local_path(wish))

    @routes.post("/sign-in")
    async def sign_in(
        request: Request,
        email: Typed = "",
        password: Typed = "",
        wish: Annotated[str, Form(alias="next", max_length=4000)] = "/",
    ) -> Response:
        """Sign in an account that may look, and redirect to the requested page."""
        browser = door.cookies.browser_of(request)
        try:
            account, session = await door.accounts.sign_in(email, password, address_of(request), browser)
            if not account.is_viewer:
                await door.accounts.sign_out(session)
                raise NotViewer(f"{account.role.value}; expected the role admin or viewer")
        except AccountError as error:
            return form(request, wish, email, error)
        answer = see_other(local_path(wish))
        door.cookies.keep(answer, session, await door.accounts.know_browser(account, browser))
        return answer

    @routes.post("/sign-out")
    async def sign_out(request: Request) -> Response:
        """End the session."""
        await door.sign_out(request)
        answer = see_other("/sign-in")
        door.cookies.drop(answer)
        return answer

    return routes
