"""Runs Terraform for a recovery, in a copy of the stacks, so that the repository stays as it is.

Terraform writes into a file and not to us: if we are killed, it still ends its apply. It holds our lock until then, so
that a repeated recovery waits for it.
"""

import asyncio
import getpass
import json
import os
import re
import shutil
import socket
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from marketday.provisioners.recovery.errors import StackFailed, WouldRemove
from marketday.provisioners.recovery.imports import NewThing, blocks, new_things, removed
from marketday.provisioners.recovery.model import Finding, Presence, RecoverySite
from marketday.provisioners.recovery.ports import Applied, Progress
from marketday.provisioners.terraform.aws import call
from marketday.provisioners.terraform.errors import HostUnavailable

_MOST_SECONDS = 3 * 3600
_TELL_EVERY_SECONDS = 15.0
_LOOK_EVERY_SECONDS = 0.2
_MOST_APPLIES = 4
_MOST_ROUNDS = 8  # of plans, until no more is found to take over
_MOST_WORDS = 1500
_IMPORTS = "recovery_imports.tf"
_NOT_COPIED = shutil.ignore_patterns(".terraform", "*.tfstate*", "*.tfplan", "backend_override.tf", "tests")
Find = Callable[[Sequence[NewThing]], Awaitable[Mapping[str, str]]]


class LocalStacks:
    """Implements `recovery.ports.Stacks` with Terraform on this machine, and states in the bucket of the base."""

    def __init__(
        self,
        repository: Path,
        work: Path,
        site: RecoverySite,
        find: Find,
        s3: Any,
        *,
        backend: Mapping[str, Any] | None = None,
        lock: int | None = None,
    ) -> None:
        """Copy the stacks of `repository` into `work`; take over what `find` finds; hold `lock` in each process."""
        self._repository = repository
        self._work = work
        self._site = site
        self._find = find
        self._s3 = s3
        self._backend = dict(backend or {})
        self._lock = lock
        self._tree = work / "tree"

    def findings(self) -> Sequence[Finding]:
        """Return whether the program, the stacks and the Lambda's package are there."""
        program, package = shutil.which("terraform"), self._repository / "build" / "lambda.zip"
        stacks = self._repository / "infra" / "terraform"
        there = [
            ("terraform", program is not None, program or "not on the PATH", "Install Terraform 1.11"),
            (
                "repository",
                stacks.is_dir(),
                str(self._repository),
                "Start it in a clone of the repository, at its commit",
            ),
            ("package", package.is_file(), str(package), "`make package` makes it"),
        ]
        return [
            Finding(
                name, Presence.THERE if good else Presence.MISSING, detail if good else f"{detail} is missing", remedy
            )
            if name != "terraform"
            else Finding(name, Presence.THERE if good else Presence.MISSING, detail, remedy)
            for name, good, detail, remedy in there
        ]

    async def values(self, stack: str, more: Mapping[str, Any]) -> dict[str, Any]:
        """Let Terraform read and check a stack's values, from its files and `more`; it needs no provider."""
        source, folder = self._copied() / stack, self._tree / "infra" / "values" / stack
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        for file in source.iterdir():
            if file.name.startswith("variables") and file.suffix == ".tf":
                shutil.copy(file, folder)
        names = re.findall(r'^variable "(\w+)"', _text(folder.glob("*.tf")), re.MULTILINE)
        pairs = "".join(f"    {name} = var.{name}\n" for name in names)
        (folder / "values.tf").write_text(f'output "values" {{\n  value = {{\n{pairs}  }}\n}}\n')
        for file in source.iterdir():
            if ".tfvars" in file.name:
                shutil.copy(file, folder)
        if (source / "recovery").is_dir():
            shutil.copytree(source / "recovery", folder / "recovery")
        files = self._var_files(folder, more)
        await self._run(folder, "init", "-backend=false")
        await self._run(folder, "apply", "-auto-approve", *files)
        told = await self._run(folder, "output", "-json", "values")
        values: dict[str, Any] = json.loads(told)
        return values

    async def outputs(self, stack: str) -> Mapping[str, Any]:
        """Return the outputs of a stack as its state has them; none before it was applied."""
        return await self._told(await self._opened(stack))

    async def apply(self, stack: str, more: Mapping[str, Any], progress: Progress) -> Applied:
        """Plan, take over what exists, plan again until nothing more is found; apply until a plan is empty.

        A database takes some of its settings only after it was restored, so one apply may not be enough.
        """
        folder = await self._opened(stack)
        (folder / _IMPORTS).unlink(missing_ok=True)
        files = self._var_files(folder, more)
        await self._unlock(self._site.bucket("state"), _key(stack))
        changed = taken_over = 0
        for _ in range(_MOST_APPLIES):
            plan, imports = await self._planned(folder, files, progress)
            if gone := removed(plan):
                raise WouldRemove(
                    f"{stack}: the plan would remove {', '.join(gone[:5])}; expected one that only adds and changes: "
                    f"look at `terraform -chdir={folder} plan`"
                )
            changes = [
                one for one in plan.get("resource_changes", ()) if set(one["change"]["actions"]) - {"no-op", "read"}
            ]
            if not (changes or imports or _outputs_change(plan)):
                break
            progress(f"{stack}: {len(changes)} to make or change, {len(imports)} exist and are taken over")
            await self._run(
                folder, "apply", "-json", "recovery.tfplan", progress=progress, of=len(changes), about=stack
            )
            changed, taken_over = changed + len(changes), taken_over + len(imports)
            (folder / _IMPORTS).unlink(missing_ok=True)
        else:
            progress(f"{stack}: the plan is still not empty; look at `terraform -chdir={folder} plan`")
        return Applied(changed, taken_over, await self._told(folder))

    async def _opened(self, stack: str) -> Path:
        """Return the folder of a stack, connected with its state."""
        folder = self._copied() / stack
        place = {"bucket": self._site.bucket("state"), "key": _key(stack), "region": self._site.here}
        settings = {**place, "use_lockfile": True, **self._backend}
        given = [f"{name}={each if isinstance(each, str) else json.dumps(each)}" for name, each in settings.items()]
        await self._run(folder, "init", "-reconfigure", *(f"-backend-config={each}" for each in given))
        return folder

    async def _told(self, folder: Path) -> Mapping[str, Any]:
        told: dict[str, Any] = json.loads(await self._run(folder, "output", "-json"))
        return {name: one["value"] for name, one in told.items()}

    async def _planned(
        self, folder: Path, files: Sequence[str], progress: Progress
    ) -> tuple[dict[str, Any], dict[str, str]]:
        imports: dict[str, str] = {}
        for _ in range(_MOST_ROUNDS):
            await self._run(
                folder, "plan", "-out=recovery.tfplan", *files, progress=progress, about=f"{folder.name}: plan"
            )
            plan: dict[str, Any] = json.loads(await self._run(folder, "show", "-json", "recovery.tfplan"))
            wanted = [one for one in new_things(plan, self._site.account) if one.address not in imports]
            found = await self._find(wanted)
            if not found:
                return plan, imports
            imports |= found
            (folder / _IMPORTS).write_text(blocks(imports), "utf-8")
        raise StackFailed(f"{folder.name}: more to take over after {_MOST_ROUNDS} plans; expected an end")

    async def _unlock(self, bucket: str, key: str) -> None:
        """Remove the lock of a Terraform of ours that was killed: while we hold the folder's lock, none works.

        Raises:
            StackFailed: somebody else holds it.

        """
        place = {"Bucket": bucket, "Key": f"{key}.tflock"}
        try:
            answer = await call(self._s3, "get_object", **place)
        except HostUnavailable as error:
            if error.extra.get("code") != "NoSuchKey":
                raise
            return
        try:
            lock = json.loads(answer["Body"].read())
            who, id_ = str(lock["Who"]), str(lock["ID"])
        except (ValueError, KeyError, TypeError):
            raise StackFailed(
                f"s3://{bucket}/{key}.tflock: expected a lock of Terraform; look at it, and remove it"
            ) from None
        if who != f"{getpass.getuser()}@{socket.gethostname()}":
            raise StackFailed(
                f"the state {key} is locked by {who}; make sure that they do not work any more, then "
                f"`terraform force-unlock {id_}` in {self._tree / 'infra/terraform' / key.partition('/')[0]}"
            )
        await call(self._s3, "delete_object", **place, VersionId=answer["VersionId"])

    def _copied(self) -> Path:
        """Copy the stacks as they are now; what Terraform keeps beside them stays."""
        copy = self._tree / "infra" / "terraform"
        shutil.copytree(self._repository / "infra" / "terraform", copy, ignore=_NOT_COPIED, dirs_exist_ok=True)
        for each in self._repository.iterdir():  # a value may name a file by its way from the stack
            link = self._tree / each.name
            if each.name not in {"infra", ".git"} and not link.exists():
                link.symlink_to(each)
        return copy

    def _var_files(self, folder: Path, more: Mapping[str, Any]) -> list[str]:
        """Return the files that go above a stack's own values: those of the region, then `more`."""
        file = folder / "recovery.values.json"
        file.write_text(json.dumps(more), "utf-8")
        of_region = Path("recovery", f"{self._site.here}.tfvars.json")
        named = [of_region] if (folder / of_region).is_file() else []
        return [f"-var-file={each}" for each in (*named, file.name)]

    async def _run(
        self, folder: Path, *arguments: str, progress: Progress | None = None, of: int = 0, about: str = ""
    ) -> str:
        """Run Terraform; return what it printed. Raises StackFailed with its errors."""
        log = self._work / f"{folder.parent.name}-{folder.name}-{arguments[0]}.log"
        environment = {**os.environ, "TF_IN_AUTOMATION": "1", "TF_INPUT": "0", "CHECKPOINT_DISABLE": "1"}
        environment |= {
            "AWS_DEFAULT_REGION": self._site.here,
            "AWS_REGION": self._site.here,
            "TF_CLI_ARGS": "-no-color",
        }
        with log.open("wb") as output:
            process = await asyncio.create_subprocess_exec(
                shutil.which("terraform") or "terraform",
                *arguments,
                cwd=folder,
                env=environment,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=output,
                stderr=asyncio.subprocess.STDOUT
                if arguments[0] in {"plan", "apply", "init"}
                else asyncio.subprocess.DEVNULL,
                pass_fds=(self._lock,) if self._lock is not None else (),
            )
        loop = asyncio.get_running_loop()
        began = told = loop.time()
        while True:
            try:
                await asyncio.wait_for(asyncio.shield(process.wait()), _LOOK_EVERY_SECONDS)
                break
            except TimeoutError:
                if loop.time() - began > _MOST_SECONDS:
                    process.terminate()
            if progress and loop.time() - told >= _TELL_EVERY_SECONDS:
                told = loop.time()
                ready = log.read_text("utf-8", "replace").count('"type":"apply_complete"')
                counted = f"{ready} of {of} ready, " if of else ""
                progress(f"{about}: {counted}{round(loop.time() - began)} s")
        text = log.read_text("utf-8", "replace")
        if process.returncode != 0:
            raise StackFailed(
                f"{folder.name}: terraform {arguments[0]} ended with {process.returncode}: {_errors(text)}; "
                f"all of it: {log}"
            )
        return text


def _key(stack: str) -> str:
    return f"{stack}/terraform.tfstate"


def _outputs_change(plan: Mapping[str, Any]) -> bool:
    return any(set(one["actions"]) != {"no-op"} for one in plan.get("output_changes", {}).values())


def _errors(text: str) -> str:
    """Return Terraform's errors: from lines of JSON, or from what it prints for people."""
    found = []
    for line in text.splitlines():
        if line.startswith("{") and '"@level":"error"' in line:
            one = json.loads(line)
            diagnostic = one.get("diagnostic") or {}
            found.append(f"{one['@message']} {diagnostic.get('detail', '')} {diagnostic.get('address', '')}".strip())
    told = " | ".join(found) or text[max(text.find("Error:"), 0) :]
    return " ".join(told.split())[:_MOST_WORDS]


def _text(files: Any) -> str:
    return "\n".join(file.read_text("utf-8") for file in files)
