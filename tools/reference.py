"""Writes docs/reference from the code: problems, settings, commands."""

import difflib
import importlib
import inspect
import pkgutil
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path
from types import ModuleType
from typing import Any

import click
import typer.main
from pydantic_core import PydanticUndefined
from pydantic_settings import BaseSettings

import marketday
from marketday.kit.errors import MarketdayError, Permanent, Temporary
from marketday.web.problems import STATUS

FOLDER = Path(__file__).resolve().parents[1] / "docs" / "reference"
WRITTEN_BY = "<!-- Written by tools/reference.py from the code; change the code and run it again. -->"

# Answered by web/problems.py itself, before any of the project's own errors is raised.
GENERAL = {
    "not-json": (HTTPStatus.BAD_REQUEST, "The body is not JSON"),
    "invalid-request": (
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "The request is not valid; `errors` lists key, value and what was expected",
    ),
    "not-found": (HTTPStatus.NOT_FOUND, "There is nothing at this address"),
    "method-not-allowed": (HTTPStatus.METHOD_NOT_ALLOWED, "The address does not know this method"),
    "internal-error": (HTTPStatus.INTERNAL_SERVER_ERROR, "An unexpected error on our side"),
}


def modules() -> Iterator[ModuleType]:
    """Yield every module of the product, except those for tests."""
    for found in pkgutil.walk_packages(marketday.__path__, "marketday."):
        if not found.name.startswith("marketday.testing") and not found.name.endswith("__main__"):
            yield importlib.import_module(found.name)


def errors() -> list[type[MarketdayError]]:
    """Return every error that is raised, in the order of the slugs, without the base classes that nobody raises."""
    known: set[type[MarketdayError]] = set()
    waiting = [MarketdayError]
    while waiting:
        for each in waiting.pop().__subclasses__():
            if each not in known and each.__module__.startswith("marketday."):
                known.add(each)
                waiting.append(each)
    raised = (each for each in known if issubclass(each, Temporary | Permanent) and "slug" in vars(each))
    return sorted(raised, key=lambda each: (each.slug, each.__module__))


def problems() -> str:
    """Return the page of problem types."""
    lines = [
        "# Problems",
        "",
        WRITTEN_BY,
        "",
        "An API answers an error with a problem document ([RFC 9457](https://www.rfc-editor.org/rfc/rfc9457)):",
        "`type`, `title`, `status`, `detail`, `instance` (the request's id), and members of the problem's own. The",
        "`type` is `urn:marketday:problem:<slug>`. Its meaning never changes, so programs can rely on it; `detail` is",
        "for people. Errors that only commands show are in the same list.",
        "",
        "**Again** says whether the same may be tried again: *later* (it is temporary and goes away by itself) or *no*",
        "(it stays until somebody changes what the problem names). Marketday's own retries depend only on this.",
        "",
        "| slug | status | again | title | raised in |",
        "| --- | --- | --- | --- | --- |",
    ]
    rows = {slug: (int(status), "no", title, {"web"}) for slug, (status, title) in GENERAL.items()}
    for each in errors():
        again = "later" if issubclass(each, Temporary) else "no"
        rows.setdefault(each.slug, (int(STATUS[each.kind]), again, _title(each), set()))[3].add(_package(each))
    lines += [
        f"| `{slug}` | {status} | {again} | {title} | {', '.join(sorted(packages))} |"
        for slug, (status, again, title, packages) in sorted(rows.items())
    ]
    return "\n".join(lines) + "\n"


def settings() -> str:
    """Return the page of environment variables, a table for each service."""
    lines = [
        "# Settings",
        "",
        WRITTEN_BY,
        "",
        "Every service reads its settings from environment variables, once, at its start. On one machine",
        "the provisioner sets them all. If a setting is missing or wrong, the service names it and ends.",
    ]
    for module in modules():
        model = getattr(module, "Settings", None)
        if module.__name__.startswith("marketday.apps.") and inspect.isclass(model) and issubclass(model, BaseSettings):
            lines += ["", f"## {module.__name__.rsplit('.', 1)[1]}", "", *_settings_table(model)]
    return "\n".join(lines) + "\n"


def _settings_table(model: type[BaseSettings]) -> list[str]:
    prefix = str(model.model_config.get("env_prefix", ""))
    rows = ["| variable | default | meaning |", "| --- | --- | --- |"]
    for name, field in model.model_fields.items():
        default = "required" if field.is_required() else _default(field.get_default(call_default_factory=True))
        rows.append(f"| `{(prefix + name).upper()}` | {default} | {field.description or ''} |")
    return rows


def commands() -> str:
    """Return the page of commands, as `--help` shows them."""
    command = importlib.import_module("marketday.apps.command")
    lines = [
        "# Commands",
        "",
        WRITTEN_BY,
        "",
        "`marketday` is on the path of the virtual environment: `.venv/bin/marketday`. Every command has `--help`.",
        "A command that fails says why on standard error and ends with a status other than 0.",
    ]
    lines += _command(typer.main.get_command(command.app), "marketday")
    return "\n".join(lines) + "\n"


def _command(given: Any, path: str) -> list[str]:
    context = click.Context(given, info_name=path)
    if hasattr(given, "commands"):
        lines = _parameters(given, context)
        for name in sorted(given.commands):
            lines += _command(given.commands[name], f"{path} {name}")
        return lines
    usage = " ".join([path, *given.collect_usage_pieces(context)])
    lines = ["", f"## {path}", "", (given.help or "").strip().replace("\b\n", ""), "", "```text", usage, "```"]
    return lines + _parameters(given, context)


def _parameters(given: Any, context: Any) -> list[str]:
    hidden = {"help", "install_completion", "show_completion"}
    shown = [each for each in given.params if not getattr(each, "hidden", False) and each.name not in hidden]
    if not shown:
        return []
    return [
        "",
        "| parameter | default | meaning |",
        "| --- | --- | --- |",
        *(_parameter(each, context) for each in shown),
    ]


def _parameter(given: Any, context: Any) -> str:
    names = (
        ", ".join(f"`{name}`" for name in given.opts)
        if given.param_type_name == "option"
        else f"`{(given.metavar or given.name).upper()}`"
    )
    default = given.get_default(context, call=False)
    shown = "required" if given.required else "" if default is None or callable(default) else _default(default)
    return f"| {names} | {shown} | {(getattr(given, 'help', None) or '').strip()} |"


def _default(value: Any) -> str:
    return "" if value is None or value is PydanticUndefined or value in ("", False) else f"`{value}`"


def _title(error: type[MarketdayError]) -> str:
    return (error.__doc__ or error.slug).strip().splitlines()[0].rstrip(".")


def _package(error: type[MarketdayError]) -> str:
    return error.__module__.split(".")[1]


def differences() -> list[str]:
    """Return the lines in which docs/reference differs from the code."""
    lines: list[str] = []
    for file, text in pages().items():
        before = file.read_text("utf-8") if file.exists() else ""
        name = f"docs/reference/{file.name}"
        lines += difflib.unified_diff(before.splitlines(True), text.splitlines(True), name, "the code")
    return lines


def pages() -> dict[Path, str]:
    """Return each page by its file."""
    for _ in modules():
        pass
    texts = {"problems.md": problems(), "settings.md": settings(), "commands.md": commands()}
    return {FOLDER / name: text for name, text in texts.items()}


if __name__ == "__main__":
    for page, text in pages().items():
        page.write_text(text, "utf-8")
