"""Runs before and after a new version of the mall: makes the mall database's tables, as its owner. Repeatable."""

from functools import partial

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from marketday.apps.migrate import carry_out, read_options
from marketday.kit.files import sql_folder
from marketday.kit.logging import configure
from marketday.kit.migrations import migrate
from marketday.kit.settings import DatabaseUrl, settings_or_end


class Settings(BaseSettings):
    """The migration's settings, from environment variables."""

    model_config = SettingsConfigDict(env_prefix="MARKETDAY_", extra="ignore", hide_input_in_errors=True)

    database_url: DatabaseUrl = Field(description="The mall database, as its owner.")


def main() -> None:
    """Migrate the database, and end."""
    options = read_options()
    url = settings_or_end(Settings).database_url.get_secret_value()
    configure("migrate-mall")
    carry_out(options, url, "mall", partial(migrate, url, sql_folder("mall")))


if __name__ == "__main__":
    main()
