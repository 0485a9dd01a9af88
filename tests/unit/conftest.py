"""What tests of one process share."""

from functools import cache

import typer.testing


def pytest_configure():
    """Make each command from its functions once: typer's runner makes all of them again for every line it is given."""
    typer.testing._get_command = cache(typer.testing._get_command)
