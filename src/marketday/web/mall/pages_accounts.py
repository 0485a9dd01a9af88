"""Pages: sign-up, sign-in, the account."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Form, Query, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import BaseModel, Field

from marketday.accounts.errors import AccountError, TooManySignUps
from marketday.accounts.model import Account
from marketday.kit.ids import new_id
from marketday.web.mall.cart_badge import drop_units, keep_units
from marketday.web.mall.forms import form_content
from marketday.web.mall.guest_cart import drop_guest_cart, read_guest_cart
from marketday.web.mall.idempotency import NOBODY, KeptAnswer
from marketday.web.mall.people import PagePerson, Session, Visitor
from marketday.web.mall.services import Mall, MallServices, fresh_menu
from marketday.web.paths import local_path, see_other
from marketday.web.problems import STATUS
from marketday.web.sessions import address_of

router = APIRouter(include_in_schema=False, dependencies=[Depends(fresh_menu)])
Next = Annotated[str, Query(alias="next")]


class SignInForm(BaseModel):
    """The values of the sign-in form; `next` is the page that the visitor wanted."""

    email: str = Field(default="", max_length=1000)
    password: str = Field(default="", max_length=1000)
    next: str = "/"


class SignUpForm(SignInForm):
    """The values of the sign-up form; `key` makes sure that a second press creates no second account."""

    name: str = Field(default="", max_length=1000)
    key: str = Field(default="", max_length=50)


@router.get("/sign-in")
async def sign_in_form(request: Request, mall: MallServices, visitor: Visitor, wish: Next = "/") -> Response:
    """Show the form for e-mail address and password."""
    if visitor is not None:
        return see_other(local_path(wish))
    return mall.pages.render(request, "sign_in.html", error=None, email="", next=local_path(wish))


@router.post("/sign-in")
async def sign_in(request: Request, mall: MallServices, form: Annotated[SignInForm, Form()]) -> Response:
    """Sign in, and redirect to the page that the visitor wanted."""
    try:
        browser = mall.cookies.browser_of(request)
        account, session = await mall.accounts.sign_in(form.email, form.password, address_of(request), browser)
    except AccountError as error:
        page = mall.pages.render(
            request,
            "sign_in.html",
            status=int(STATUS[error.kind]),
            error=error.slug,
            email=form.email,
            next=local_path(form.next),
        )
        return _waiting(page, error)
    return await _welcome(request, mall, account, session, form.next)


@router.get("/sign-up")
async def sign_up_form(request: Request, mall: MallServices, visitor: Visitor, wish: Next = "/") -> Response:
    """Show the sign-up form."""
    return see_other(local_path(wish)) if visitor is not None else _sign_up_page(request, mall, SignUpForm(next=wish))


@router.post("/sign-up")
async def sign_up(request: Request, mall: MallServices, form: Annotated[SignUpForm, Form()]) -> Response:
    """Create an account and sign in to it."""

    async def work(account_id: UUID) -> KeptAnswer:
        account = await mall.accounts.sign_up(account_id, form.email, form.password, form.name, address=address)
        return KeptAnswer(201, str(account.id))

    address = address_of(request)
    content = form_content(request, form.email, form.password, form.name)
    try:
        answer = await mall.idempotency.run(NOBODY, f"form-{form.key}", content, work)
    except TooManySignUps as error:
        return _waiting(_sign_up_page(request, mall, form, int(STATUS[error.kind]), error.slug), error)
    if answer.refused:
        return _sign_up_page(request, mall, form, answer.status, answer.body["slug"])
    account = await mall.accounts.account(UUID(answer.body))
    return await _welcome(request, mall, account, await mall.accounts.open_session(account), form.next)


@router.post("/sign-out")
async def sign_out(mall: MallServices, session: Session) -> Response:
    """End the session."""
    await mall.accounts.sign_out(session)
    answer = see_other("/")
    mall.cookies.drop(answer)
    drop_units(answer)
    return answer


@router.get("/account")
async def account(request: Request, mall: MallServices, person: PagePerson) -> Response:
    """Show the account of the session, with links to its pages."""
    return mall.pages.render(request, "account.html", person=person)


async def _welcome(request: Request, mall: Mall, account: Account, session: str, wish: str) -> RedirectResponse:
    """Merge the guest's cart into the account's, and redirect the visitor."""
    answer = see_other(local_path(wish))
    await mall.carts.merge(account.id, read_guest_cart(request))
    drop_guest_cart(answer)
    keep_units(answer, await mall.carts.cart(account.id), mall)
    browser = await mall.accounts.know_browser(account, mall.cookies.browser_of(request))
    mall.cookies.keep(answer, session, browser)
    return answer


def _waiting(page: Response, error: AccountError) -> Response:
    """Add to a refusal how long to wait, if waiting helps."""
    if "retry_after" in error.extra:
        page.headers["Retry-After"] = str(error.extra["retry_after"])
    return page


def _sign_up_page(
    request: Request, mall: Mall, form: SignUpForm, status: int = 200, error: str | None = None
) -> Response:
    return mall.pages.render(
        request,
        "sign_up.html",
        status=status,
        error=error,
        email=form.email,
        name=form.name,
        next=local_path(form.next),
        key=new_id(),
    )
