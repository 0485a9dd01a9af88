"""The commit of a branch in the repository that build hosts clone. Asked where the command runs, with its git."""

import asyncio
import os

from marketday.kit.errors import Kind, Permanent
from marketday.kit.text import clean
from marketday.provisioners.terraform.errors import HostUnavailable, TerraformError

_SECONDS = 30
_HEADS = "refs/heads/"


class UnknownBranch(TerraformError, Permanent):
    """The repository has no such branch."""

    kind = Kind.NOT_FOUND
    slug = "unknown-branch"


async def commit_of(repository: str, branch: str) -> str:
    """Return the commit at the head of `branch`, 40 hex digits.

    Raises:
        UnknownBranch: the repository has no branch of exactly this name.
        HostUnavailable: git does not run here, or the repository does not answer.

    """
    wanted, shown = f"{_HEADS}{branch}", clean(branch.encode("utf-8", "replace").decode())[:100]
    unknown = UnknownBranch(f"{shown!r} is not in {repository}; expected a branch that is pushed there")
    if not branch or not branch.isprintable():  # also bytes that are no UTF-8: no record could hold them
        raise unknown
    for line in (await _listed(repository, wanted)).splitlines():
        commit, _, name = line.partition("\t")
        if name == wanted:  # git also lists names that end like the pattern
            return commit
    raise unknown


async def _listed(repository: str, wanted: str) -> str:
    passed = {key: value for key, value in os.environ.items() if not key.startswith("GIT_")}
    try:
        process = await asyncio.create_subprocess_exec(
            "git", "ls-remote", "--", repository, wanted,
            env={**passed, "LC_ALL": "C", "GIT_TERMINAL_PROMPT": "0"},
            stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
    except OSError as error:
        raise HostUnavailable(f"git does not run ({type(error).__name__}); expected git on the path") from None
    try:
        async with asyncio.timeout(_SECONDS):
            listed, told = await process.communicate()
    except TimeoutError:
        process.kill()
        await process.wait()
        raise HostUnavailable(f"{repository} did not answer git within {_SECONDS} seconds; try again") from None
    if process.returncode:
        words = clean(told.decode("utf-8", "replace")).strip()[-300:] or "no words"
        raise HostUnavailable(f"git cannot list the branches of {repository}: {words}")
    return listed.decode("utf-8", "surrogateescape")
