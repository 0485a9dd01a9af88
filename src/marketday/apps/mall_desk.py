"""What staff do to a mall whose database only its own processes reach: give roles, and import products.

On Kubernetes it runs inside one of the mall's pods, with that pod's database, by `kubectl exec` (docs/kubernetes.md).
"""

import argparse
import asyncio
import sys

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from marketday.accounts.model import Role
from marketday.accounts.passwords import Passwords
from marketday.accounts.postgres import PostgresAccountStore
from marketday.accounts.service import Accounts
from marketday.catalog.postgres import PostgresProductStore
from marketday.catalog.service import CatalogService, ImportReport
from marketday.kit.clock import SystemClock
from marketday.kit.database import DRIVER_ERRORS, WORK_SECONDS, make_pool
from marketday.kit.errors import MarketdayError
from marketday.kit.ids import new_id
from marketday.kit.settings import DatabaseUrl, settings_or_end

_MOST_BYTES = 64 * 1024 * 1024  # Shopify itself writes files of at most 15 MB
_SHOWN_ROWS = 50  # a file may have many more bad rows


class Settings(BaseSettings):
    """Its settings, from environment variables: those of the mall."""

    model_config = SettingsConfigDict(env_prefix="MARKETDAY_", extra="ignore", hide_input_in_errors=True)

    database_url: DatabaseUrl = Field(description="The mall's database.")


async def _grant(url: str, options: argparse.Namespace) -> int:
    passwords = Passwords()
    try:
        async with make_pool(url, application="mall desk", max_size=1, seconds=WORK_SECONDS) as pool:
            accounts = Accounts(PostgresAccountStore(pool), passwords, None, SystemClock())
            account = await accounts.grant(options.email, Role(options.role))
    finally:
        passwords.close()
    sys.stdout.write(f"{account.role.value} {account.email}\n")
    return 0


async def _import(url: str, options: argparse.Namespace) -> int:
    if sys.stdin.isatty():
        sys.exit("standard input is a terminal; expected the product file: ... import --currency KRW < products.csv")
    data = sys.stdin.buffer.read(_MOST_BYTES + 1)
    if len(data) > _MOST_BYTES:
        sys.exit(f"the product file is larger than {_MOST_BYTES} bytes; expected a smaller one: split it")
    async with make_pool(url, application="mall desk", max_size=1, seconds=WORK_SECONDS) as pool:
        catalog = CatalogService(PostgresProductStore(pool), new_id)
        report = await catalog.import_file(
            data, currency=options.currency.upper(), skip_invalid=True, dry_run=options.dry_run
        )
    _show(report)
    return 1 if report.bad_rows else 0


def _show(report: ImportReport) -> None:
    for row in [*report.bad_rows, *report.warnings][:_SHOWN_ROWS]:
        refused = "refused" if row in report.bad_rows else "changed"
        sys.stdout.write(f"line {row.line}, {row.column}: {refused}: {row.reason}\n")
    begin = "imported" if report.stored else "nothing was imported; it would be"
    counts = f"{report.created} created, {report.updated} updated, {report.unchanged} unchanged"
    sys.stdout.write(f"{begin}: {counts}, {report.skipped} refused\n")


def _read_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="mall_desk", description="Give roles, and import products.")
    kinds = parser.add_subparsers(required=True, metavar="COMMAND")
    grant = kinds.add_parser("grant", help="change the role of an account, at once")
    grant.add_argument("email", help="the e-mail address with which the person has signed up in the mall")
    grant.add_argument("role", choices=[role.value for role in Role])
    grant.set_defaults(work=_grant)
    import_ = kinds.add_parser("import", help="import a product export from Shopify (CSV) from standard input")
    import_.add_argument("--currency", required=True, help="the currency of the prices, such as KRW")
    import_.add_argument("--dry-run", action="store_true", help="show what would be done, but change nothing")
    import_.set_defaults(work=_import)
    return parser.parse_args()


def main() -> None:
    """Do one thing, and end."""
    options = _read_options()
    url = settings_or_end(Settings).database_url.get_secret_value()
    try:
        sys.exit(asyncio.run(options.work(url, options)))
    except MarketdayError as error:
        sys.exit(f"{error.title}: {error.detail}" if error.detail else error.title)
    except DRIVER_ERRORS as error:
        sys.exit(f"the mall's database does not answer as expected: {type(error).__name__}: {error}")


if __name__ == "__main__":
    main()
