"""Whoever follows the pages about AWS finds every command, option, variable, output and file that they name."""

import re
import shlex
from pathlib import Path

import click
import pytest
import typer

from marketday.apps import command

ROOT = Path(__file__).resolve().parents[2]
STACKS = ROOT / "infra" / "terraform"
PAGES = {
    name: (ROOT / "docs" / f"{name}.md").read_text("utf-8")
    for name in ("aws", "kubernetes", "images", "cost", "recovery")
}
CONSOLE = re.compile(r"^```(?:console|sh)\n(.*?)^```", re.MULTILINE | re.DOTALL)
HCL = re.compile(
    r"In `(infra/terraform/\w+)` write a file `terraform\.tfvars`:\n\n```hcl\n(.*?)^```", re.MULTILINE | re.DOTALL
)
DECLARED = '^{kind} "(\\w+)"'


def console(name):
    """The commands of a page, each whole on one line."""
    return "\n".join(CONSOLE.findall(PAGES[name])).replace("\\\n", " ")


def declared(stack, kind):
    text = "\n".join(file.read_text("utf-8") for file in (STACKS / stack).glob("*.tf"))
    return set(re.findall(DECLARED.format(kind=kind), text, re.MULTILINE))


def ours(text):
    """The words of each `marketday` command in a text, without what the shell does with it."""
    found = re.findall(
        r"(?:^|[`$;&] ?)marketday ((?:aws|env|cost|drop|receipt|catalog|accounts|recovery)\b[^`;&|>)\n]*)",
        text,
        re.MULTILINE,
    )
    return [shlex.split(each, comments=True) for each in found]


@pytest.mark.parametrize("name", PAGES)
def test_commands_of_marketday_are_as_a_page_gives_them(name):
    given = ours("\n".join([console(name), *re.findall(r"`[^`\n]+`", PAGES[name])]))
    assert given or name == "images"
    for words in given:
        known, rest = typer.main.get_command(command.app), list(words)
        while hasattr(known, "commands") and rest:
            assert rest[0] in known.commands, words
            known = known.commands[rest.pop(0)]
        options = {option for each in known.get_params(click.Context(known)) for option in each.opts}
        assert {word for word in rest if word.startswith("--")} <= options, words


@pytest.mark.parametrize("name", PAGES)
def test_targets_of_make_and_files_exist(name):
    makefile = (ROOT / "Makefile").read_text("utf-8")
    for target in re.findall(r"(?:^\$ (?:sudo )?|`)make ([a-z-]+)", PAGES[name], re.MULTILINE):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target
    for path in re.findall(r"(?<![\w./])((?:infra|images|tests|src|examples|sql)/[\w./-]+\w)", PAGES[name]):
        assert (ROOT / path).exists(), path


def test_outputs_that_a_page_reads_are_those_of_the_stack():
    """Which stack is said by -chdir, by the folder that the page has gone to, or by the page of the prod plane."""
    read = 0
    for name, first in (("aws", None), ("kubernetes", "prod"), ("recovery", None)):
        here = first
        for line in console(name).splitlines():
            went = re.search(r"(?:^\$ | )cd (?:\.\./|infra/terraform/)(permanent|prod)$", line)
            here = went[1] if went else here
            for chdir, output in re.findall(r"terraform (?:-chdir=\S*?(\w+) )?output (?:-raw|-json) (\w+)", line):
                assert output in declared(chdir or here, "output"), line
                read += 1
    assert read > 5


def test_variables_that_a_page_sets_are_those_of_the_stack():
    written = HCL.findall(PAGES["aws"])
    assert {folder.rpartition("/")[2] for folder, _ in written} == {"permanent", "prod"}
    for folder, text in written:
        names = re.findall(r"^(\w+) +=", text, re.MULTILINE)
        stack = folder.rpartition("/")[2]
        assert set(names) <= declared(stack, "variable")
        required = {name for name in declared(stack, "variable") if not has_default(stack, name)}
        assert required <= set(names), "what has no default"
    for stack, given in re.findall(r"jq [^|\n]*'\{(\w+).*> (\w+)\.auto\.tfvars\.json", console("aws")):
        assert stack in declared("permanent", "variable") | declared("prod", "variable"), given


def has_default(stack, name):
    text = "\n".join(file.read_text("utf-8") for file in (STACKS / stack).glob("*.tf"))
    block = re.search(rf'^variable "{name}" \{{\n(.*?)^\}}', text, re.MULTILINE | re.DOTALL)[1]
    return re.search(r"^  default +=", block, re.MULTILINE) is not None
