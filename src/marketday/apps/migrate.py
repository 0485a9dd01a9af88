"""Runs before the store: makes the drop database's roles and tables, as the database's owner. Repeatable."""

import asyncio
import json
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Collection, Coroutine, Mapping
from functools import partial
from typing import Any
from urllib.parse import quote, unquote, urlsplit

import structlog
from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from marketday.drops.postgres.roles import ROLES, prepare_drop_database
from marketday.kit.certificates import AUTHORITIES, with_authorities
from marketday.kit.errors import MarketdayError
from marketday.kit.files import sql_folder
from marketday.kit.logging import configure
from marketday.kit.migrations import Half, MigrationState, half_of, migration_states
from marketday.kit.outages import DRIVER_ERRORS
from marketday.kit.settings import settings_or_end

_PHASES = {**{half.value: (half,) for half in Half}, "both": tuple(Half)}
_log = structlog.get_logger()


class Settings(BaseSettings):
    """The migration's settings, from environment variables."""

    model_config = SettingsConfigDict(env_prefix="MARKETDAY_", extra="ignore", hide_input_in_errors=True)

    owner_secret: SecretStr = Field(description="The owner's credential: JSON with username and password.")
    database_host: str = Field(description="Host name of the database.")
    database_port: int = Field(default=5432, ge=1, le=65535, description="TCP port of the database.")
    database_name: str = Field(description="Name of the database.")
    store_database_url: SecretStr = Field(
        description="The URL that the store will use. The role `store` gets its password."
    )
    worker_database_url: SecretStr = Field(
        description="The URL that the worker will use. The role `worker` gets its password."
    )

    database_ca: str | None = Field(default=None, description=AUTHORITIES)

    @field_validator("owner_secret")
    @classmethod
    def _credential(cls, secret: SecretStr) -> SecretStr:
        try:
            told = json.loads(secret.get_secret_value())
            well = all(isinstance(told[name], str) and told[name] for name in ("username", "password"))
        except (ValueError, KeyError, TypeError):
            well = False
        if not well:
            raise ValueError("expected JSON with username and password")
        return secret

    @field_validator("store_database_url", "worker_database_url")
    @classmethod
    def _role_url(cls, secret: SecretStr) -> SecretStr:
        url = urlsplit(secret.get_secret_value())
        if url.username not in ROLES or not url.password:
            raise ValueError(f"expected postgresql://ROLE:PASSWORD@... with a role of {', '.join(ROLES)}")
        return secret

    def passwords(self) -> dict[str, str]:
        """Return the password of each role."""
        urls = [urlsplit(url.get_secret_value()) for url in (self.store_database_url, self.worker_database_url)]
        return {str(url.username): unquote(url.password or "") for url in urls}

    def owner_url(self) -> str:
        """Return the owner's URL, with the same TLS settings as the store's."""
        owner = json.loads(self.owner_secret.get_secret_value())
        credential = f"{quote(owner['username'], safe='')}:{quote(owner['password'], safe='')}"
        query = urlsplit(self.store_database_url.get_secret_value()).query
        place = f"{self.database_host}:{self.database_port}/{self.database_name}"
        return with_authorities(f"postgresql://{credential}@{place}{f'?{query}' if query else ''}", self.database_ca)


def main() -> None:
    """Prepare the database, and end."""
    options = read_options()
    settings = settings_or_end(Settings)
    configure("migrate")
    carry_out(
        options,
        settings.owner_url(),
        "drop",
        partial(prepare_drop_database, settings.owner_url(), settings.passwords()),
    )


def read_options() -> Namespace:
    """Return the options of the command line: `halves` and `status`."""
    parser = ArgumentParser(description="Apply the migrations of a database that are new.")
    parser.add_argument(
        "--phase",
        choices=_PHASES,
        default="both",
        help="expand: before the new services start; contract: when all new services run; both: if no service runs",
    )
    parser.add_argument("--status", action="store_true", help="show what is applied, pending, changed; change nothing")
    return parser.parse_args()


def carry_out(
    options: Namespace, url: str, database: str, apply: Callable[[Collection[Half]], Coroutine[Any, Any, list[str]]]
) -> None:
    """Show the state of the `database`'s migrations or `apply` them; an error is shown as one line, with status 1."""
    try:
        if options.status:
            _show(asyncio.run(migration_states(url, sql_folder(database))))
        else:
            applied = asyncio.run(apply(_PHASES[options.phase]))
            _log.info("migrated", database=database, phase=options.phase, applied=applied)
    except MarketdayError as error:
        sys.exit(f"{error.title}: {error.detail}")
    except DRIVER_ERRORS as error:
        told = "; ".join([f"{type(error).__name__}: {error}", *getattr(error, "__notes__", ())])
        sys.exit(f"the database does not answer as expected: {' '.join(told.split())}")


def _show(states: Mapping[str, MigrationState]) -> None:
    sys.stdout.writelines(f"{state:8} {half_of(name):8} {name}\n" for name, state in states.items())
    if MigrationState.CHANGED in states.values():
        sys.exit("a migration was changed after it was applied; expected the file as it was applied: restore it")


if __name__ == "__main__":
    main()
