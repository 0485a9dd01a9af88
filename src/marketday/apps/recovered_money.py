"""What `marketday recovery money` works with: the mall's restored database, the gateway, and a drop's own database."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from uuid import UUID

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from marketday.accounts.tokens import load_signing_key
from marketday.apps.payment_gateway import open_gateway
from marketday.environments.model import Environment
from marketday.environments.plane.reaching import room_store
from marketday.environments.postgres.store import PostgresEnvironments
from marketday.handback.lost import LostPayments
from marketday.handback.model import Receipt, Waiting, Window
from marketday.handback.postgres.evidence import GatewayBooks, GatheredEvidence
from marketday.handback.postgres.link import PostgresLinks
from marketday.handback.postgres.promote import PostgresPromotions
from marketday.handback.postgres.staging import PostgresReceipts, PostgresStaging
from marketday.handback.service import HandBackService
from marketday.kit.clock import SystemClock
from marketday.kit.connections import Pool
from marketday.kit.database import WORK_SECONDS, make_pool
from marketday.kit.settings import DatabaseUrl, WebUrl
from marketday.payments.ports import MALL_GROUP
from marketday.provisioners.recovery.books import Books
from marketday.provisioners.recovery.errors import NotRecoverable
from marketday.rounds.hand_back import window_of


class Settings(BaseSettings):
    """The settings of `marketday recovery money`: the controller's, and a drop's restored database."""

    model_config = SettingsConfigDict(env_prefix="MARKETDAY_", extra="ignore")

    database_url: DatabaseUrl = Field(description="The mall's database, restored.")
    public_url: WebUrl = Field(description="The mall's address; the issuer of receipts.")
    signing_key_file: Path = Field(description="The mall's private key: RSA or Ed25519, as a JWK.")
    gateway_url: WebUrl = Field(description="The payment gateway's address.")
    gateway_key: SecretStr = Field(description="The payment gateway's bearer key, the merchant's own.")
    drop_database_url: DatabaseUrl | None = Field(
        default=None, description="With --drop: the drop's restored database, as its owner."
    )
    receipts_folder: Path | None = Field(default=None, description="Folder in which receipts are also written.")


@dataclass(frozen=True, slots=True)
class MallBooks:
    """The mall's own money. Implements `cli.recovery.OpenedBooks`."""

    books: Books
    about: str = "the mall's payments"

    async def look(self, copied_to: datetime) -> list[str]:
        """Return what would be given back."""
        return _told(await self.books.lost(copied_to, group=MALL_GROUP))

    async def give_back(self, copied_to: datetime) -> list[str]:
        """Give it back."""
        lost = await self.books.lost(copied_to, group=MALL_GROUP)
        return [*_told(lost), f"given back: {await self.books.give_back(lost)}"]


@dataclass(frozen=True, slots=True)
class DropBooks:
    """A drop's money, and its orders. Implements `cli.recovery.OpenedBooks`."""

    books: Books
    gateway: GatewayBooks
    service: HandBackService
    window: Window
    about: str

    async def look(self, copied_to: datetime) -> list[str]:
        """Return what would be given back."""
        return _told(await self._lost(copied_to))

    async def give_back(self, copied_to: datetime) -> list[str]:
        """Revoke the drop's key, settle what its copy has, give the rest back, and hand the drop back."""
        if self.window.payment_holder:
            await self.gateway.revoke(self.window.payment_holder)
        lost = await self._lost(copied_to)
        settled, freed = await self.books.settle_drop()
        given = await self.books.give_back(lost)
        receipt = await self.service.hand_back(replace(self.window, recovered=lost.recovered()))
        told = [*_told(lost), f"settled: {settled} payments, {freed} reservations ended; given back: {given}"]
        return [*told, _of(receipt)]

    async def _lost(self, copied_to: datetime) -> LostPayments:
        holder = self.window.payment_holder
        return await self.books.lost(copied_to, holder=holder, group=None if holder else self.window.drop_slug)


@asynccontextmanager
async def open_books(drop: str | None) -> AsyncIterator[MallBooks | DropBooks]:
    """Open the databases and the gateway.

    Raises:
        NotRecoverable: a setting is missing or wrong, or there is no such environment.

    """
    settings = _settings(drop)
    clock = SystemClock()
    async with AsyncExitStack() as opened:
        mall_url = settings.database_url.get_secret_value()
        mall = await opened.enter_async_context(make_pool(mall_url, application="recovery", seconds=WORK_SECONDS))
        key = settings.gateway_key.get_secret_value()
        gateway = await opened.enter_async_context(open_gateway(settings.gateway_url, key))
        if drop is None:
            yield MallBooks(Books(mall, gateway, clock))
            return
        environment = await _environment(mall, drop)
        assert settings.drop_database_url is not None  # noqa: S101 - looked at in `_settings`
        drop_url = settings.drop_database_url.get_secret_value()
        own = await opened.enter_async_context(make_pool(drop_url, application="recovery", seconds=WORK_SECONDS))
        service = HandBackService(
            PostgresLinks(clock),
            PostgresStaging(mall, mall_url),
            GatheredEvidence(mall, gateway, room_store, clock),
            PostgresPromotions(mall),
            PostgresReceipts(mall, settings.receipts_folder),
            load_signing_key(settings.signing_key_file),
            settings.public_url,
            clock,
        )
        about = f"drop {environment.drop_slug}, environment {environment.id}, which was {environment.state}"
        yield DropBooks(Books(own, gateway, clock), gateway, service, _window(environment, drop_url), about)


async def _environment(mall: Pool, drop: str) -> Environment:
    try:
        return await PostgresEnvironments(mall).get(UUID(drop))
    except ValueError:
        raise NotRecoverable(
            f"--drop is {drop!r}; expected an environment's id, as the mall's database has it"
        ) from None


def _window(environment: Environment, database_url: str) -> Window:
    """Return the last window. The room's server is lost: without its address the register is not compared."""
    return replace(window_of(environment, None, last=True), database_url=database_url)


def _settings(drop: str | None) -> Settings:
    try:
        settings = Settings()
    except ValidationError as error:
        wrong = "; ".join(f"MARKETDAY_{str(one['loc'][0]).upper()}: {one['msg']}" for one in error.errors())
        raise NotRecoverable(f"{wrong}. The controller's settings have them: run it in its pod") from None
    if drop is not None and settings.drop_database_url is None:
        raise NotRecoverable(
            "MARKETDAY_DROP_DATABASE_URL: missing; expected the drop's restored database, as its owner"
        )
    return settings


def _told(lost: LostPayments) -> list[str]:
    amounts = dict[str, int]()
    for one in lost.holding:
        amounts[one.payment.currency] = amounts.get(one.payment.currency, 0) + one.payment.amount_minor
    sums = ", ".join(f"{amount} {currency} (minor units)" for currency, amount in sorted(amounts.items()))
    return [
        f"{len(lost.entries)} payments are only in the gateway's books, {len(lost.holding)} of them hold money"
        + (f": {sums}" if sums else ""),
        *(f"  {one.payment.reference} {one.payment.state} {one.created_at.isoformat()}" for one in lost.holding[:20]),
    ]


def _of(receipt: Receipt | Waiting) -> str:
    if isinstance(receipt, Waiting):
        return f"not handed back yet: {receipt.reason}; repeat the command"
    promotion = receipt.claims["promotion"]
    return f"receipt {receipt.kind}: {promotion['orders']} orders, {promotion['units_sold']} units sold"
