"""Walks a recovery step by step. Each step looks whether it is done; so it can be repeated at any point."""

import json
import shutil
import subprocess
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from marketday.kit.clock import Clock
from marketday.kit.errors import MarketdayError
from marketday.kit.moments import to_text_of_seconds
from marketday.provisioners.recovery.errors import RecoveryError, RegionAnswers, SomethingMissing
from marketday.provisioners.recovery.model import (
    NAME,
    DatabaseCopy,
    Finding,
    Presence,
    RecoveryRecord,
    RecoverySite,
    StepDone,
    StepName,
    judged_copy,
    moved,
    naming,
    newest,
    spoken,
)
from marketday.provisioners.recovery.ports import Progress, RecoveryAccount, RecoveryWish, Stacks, WantedThere

_BY_HAND = {f"{NAME}/build-host/ssh": True, f"{NAME}/build-host/host-key": True, f"{NAME}/slack/webhook": False}
_SET_HERE = (
    "region",
    "replica_region",
    "recovery_region",
    "recovery",
    "prod",
    "restore_from",
    "controller_policy_arns",
)
NEEDED_FIRST = frozenset({"terraform", "repository"})
_RECORD = "record.json"


def _counted_twice(one: Finding) -> bool:
    return one.state is Presence.MISSING and one.name.startswith("quota ")


class RegionRecovery:
    """Plans and runs a recovery."""

    def __init__(self, account: RecoveryAccount, stacks: Stacks, repository: Path, work: Path, clock: Clock) -> None:
        """Use the account, and the stacks of `repository`; keep the record in `work`."""
        self._account = account
        self._stacks = stacks
        self._repository = repository
        self._work = work
        self._clock = clock
        self._values: dict[str, dict[str, Any]] = {}
        self._copies: Sequence[DatabaseCopy] = ()
        self._outputs_of: dict[str, Mapping[str, Any]] = {}

    async def plan(self, wish: RecoveryWish) -> list[Finding]:
        """Return all that the recovery needs, what is there and what is missing. Changes nothing in AWS."""
        found = [await self._is_lost(wish), *self._stacks.findings()]
        if any(one.state is Presence.MISSING and one.name in NEEDED_FIRST for one in found):
            return found  # without these the values cannot be read, and nothing more can be asked
        try:
            wanted, told = await self._wanted(wish)
        except MarketdayError as error:
            return [*found, Finding("values", Presence.MISSING, error.detail, "Correct the values of the stacks")]
        found += [*told, *await self._account.look(wanted)]
        record = self._record(wish)
        if record is None or StepName.PROD not in record.steps:
            found += await self._databases(wish, wanted)
        if record is not None and record.steps:  # what the recovery itself has made counts as used by then
            found = [replace(one, state=Presence.WARNS) if _counted_twice(one) else one for one in found]
        return [replace(one, state=Presence.WARNS) if self._accepted(one, wish) else one for one in found]

    async def run(self, wish: RecoveryWish, progress: Progress) -> RecoveryRecord:
        """Do all steps that are not done. Raises SomethingMissing before the first one, RegionAnswers in between."""
        missing = [one for one in await self.plan(wish) if one.state is Presence.MISSING]
        if missing:
            raise SomethingMissing("; ".join(one.line() for one in missing))
        record = self._record(wish) or RecoveryRecord(wish.site, wish.lost_at or self._clock.now(), self._clock.now())
        if record.copy is None:
            record = replace(record, copy=newest(self._copies, self._values["prod"]["name"]))
        self._keep(record)
        copy = record.copy
        for name, work in self._steps(wish, copy, progress):
            record = await self._watched(record, wish, name)
            began = self._clock.now()
            progress(f"{name}: begins")
            told = await work()
            ended = self._clock.now()
            detail = told or "was done already"
            if told is not None or name not in record.steps:
                record = record.with_step(name, StepDone(began, ended, detail))
                self._keep(record)
            progress(f"{name}: {detail}, {spoken(ended - began)}")
            if wish.until is name:
                break
        return record

    def _steps(
        self, wish: RecoveryWish, copy: DatabaseCopy | None, progress: Progress
    ) -> Sequence[tuple[StepName, Callable[[], Awaitable[str | None]]]]:
        account, template = self._account, self._repository / "infra" / "cloudformation" / "recovery.yaml"
        return [
            (StepName.FENCE, account.fence),
            (StepName.BASE, lambda: account.base(template.read_text("utf-8"), progress)),
            (StepName.SECRETS, lambda: account.free_secrets(list(self._secrets(wish.site)))),
            (StepName.PERMANENT, lambda: self._first(wish, progress)),
            (StepName.PROD, lambda: self._prod(wish, copy, progress)),
            (StepName.FACTS, lambda: self._facts(wish, progress)),
            (StepName.DROPS, lambda: self._drops(progress)),
        ]

    async def _is_lost(self, wish: RecoveryWish) -> Finding:
        lost = wish.site.lost
        if not await self._account.answers(lost):
            return Finding("lost region", Presence.THERE, f"{lost} does not answer")
        state = Presence.WARNS if wish.although_it_answers else Presence.MISSING
        remedy = "If it must be left all the same, or for a drill: --although-it-answers"
        return Finding("lost region", state, f"{lost} answers, so a mall may still sell there", remedy)

    async def _watched(self, record: RecoveryRecord, wish: RecoveryWish, name: StepName) -> RecoveryRecord:
        """Note that the lost region came back. That ends the recovery: a second mall could sell."""
        if not await self._account.answers(wish.site.lost):
            return record
        record = replace(record, came_back=record.came_back or self._clock.now())
        self._keep(record)
        if wish.although_it_answers:
            return record
        raise RegionAnswers(
            f"{wish.site.lost} answers again before the step {name}; two malls could sell the same units. Decide "
            f"which one stays. There: `marketday recovery unfence {wish.site.here}`. Here: repeat with "
            "--although-it-answers; the roles there are forbidden everything from the first step on, and the page says "
            "what else has to be ended there"
        )

    async def _wanted(self, wish: RecoveryWish) -> tuple[WantedThere, list[Finding]]:
        permanent = self._values["permanent"] = await self._stacks.values("permanent", self._over("permanent", wish))
        prod = self._values["prod"] = await self._stacks.values("prod", self._over("prod", wish))
        repository = permanent["repository"]
        left = [f"{stack}.{path}" for stack, values in self._values.items() for path in self._left(values, wish.site)]
        folder = f"infra/terraform/STACK/recovery/{wish.site.here}.tfvars.json"
        found = [
            Finding("values", Presence.MISSING, f"{', '.join(left)} name {wish.site.lost}", f"Give them in {folder}")
            if left
            else Finding("values", Presence.THERE, f"none names {wish.site.lost}"),
            self._at_commit(repository["commit"]),
        ]
        if permanent.get("mall") is None:
            found.append(Finding("mall", Presence.MISSING, "permanent.mall has no value", "docs/aws.md, step 6"))
        if permanent.get("database_ca_pem") is None:
            found.append(
                Finding(
                    "database certificates", Presence.WARNS, "no database_ca_pem", f"Servers are not checked: {folder}"
                )
            )
        tag = permanent.get("image_tag") or repository["commit"]
        secrets = self._secrets(wish.site)
        wanted = WantedThere(
            permanent["hostname"], permanent["zone"]["name"], tag, self._digests(), secrets, prod["zones"], prod["name"]
        )
        return wanted, found

    def _left(self, values: Mapping[str, Any], site: RecoverySite) -> list[str]:
        kept = {name: value for name, value in values.items() if name not in _SET_HERE}
        return [path for path in naming(kept, site.lost) if path != "mall.payment_key_secret_arn"]

    def _secrets(self, site: RecoverySite) -> dict[str, bool]:
        """Return the names of the secrets that somebody stored by hand, and whether the value has to be there."""
        mall, plane = self._values["permanent"].get("mall"), self._values["prod"]["name"]
        own = {f"{plane}/signing-key": True, f"{plane}/gateway-key": True}
        return {**_BY_HAND, **own, **({moved(mall["payment_key_secret_arn"], site): True} if mall else {})}

    def _over(self, stack: str, wish: RecoveryWish) -> dict[str, Any]:
        """Return the values that a recovery itself decides."""
        site = wish.site
        if stack == "prod":
            return {"region": site.here, "recovery": None, "restore_from": None}
        # A second copy comes later: nothing has to be made in a third region while people wait.
        return {"region": site.here, "replica_region": site.copies_to, "recovery_region": None, "prod": None}

    async def _first(self, wish: RecoveryWish, progress: Progress) -> str | None:
        """Apply `permanent` before `prod`, or as it is: a repetition takes nothing away that `facts` has added."""
        prod = (await self._stacks.outputs("prod")).get("link")
        return await self._permanent(wish, prod, progress)

    async def _permanent(self, wish: RecoveryWish, prod: Mapping[str, Any] | None, progress: Progress) -> str | None:
        mall = self._values["permanent"].get("mall")
        more = self._over("permanent", wish) | {"prod": prod}
        if mall:
            more["mall"] = {**mall, "payment_key_secret_arn": moved(mall["payment_key_secret_arn"], wish.site)}
        applied = await self._stacks.apply("permanent", more, progress)
        self._outputs_of["permanent"] = applied.outputs
        return f"{applied.changed} made or changed, {applied.taken_over} taken over" if applied.changed else None

    async def _prod(self, wish: RecoveryWish, copy: DatabaseCopy | None, progress: Progress) -> str | None:
        policies = self._outputs_of["permanent"]["controller_policy_arns"]
        restore = {"restore_from": copy.restore_from if copy else None}
        more = self._over("prod", wish) | restore | {"controller_policy_arns": policies}
        applied = await self._stacks.apply("prod", more, progress)
        self._outputs_of["prod"] = applied.outputs
        return f"{applied.changed} made or changed, {applied.taken_over} taken over" if applied.changed else None

    async def _facts(self, wish: RecoveryWish, progress: Progress) -> str | None:
        return await self._permanent(wish, self._outputs_of["prod"]["link"], progress)

    async def _drops(self, progress: Progress) -> str | None:
        copies = self._drops_of(self._copies or await self._account.copies())
        if not copies:
            return None
        return await self._account.restore(copies, self._outputs_of["prod"]["link"], progress)

    @staticmethod
    def _drops_of(copies: Sequence[DatabaseCopy]) -> list[DatabaseCopy]:
        names = sorted({one.database for one in copies if one.database.startswith("md-")})
        return [found for name in names if (found := newest(copies, name))]

    async def _databases(self, wish: RecoveryWish, wanted: WantedThere) -> list[Finding]:
        try:
            self._copies = await self._account.copies()
        except MarketdayError as error:
            return [Finding("copies", Presence.UNKNOWN, error.detail)]
        lost_at = wish.lost_at or self._clock.now()
        mall = judged_copy(newest(self._copies, wanted.database), lost_at, wish.oldest, wanted.database)
        drops = self._drops_of(self._copies)
        told = [f"{one.database} ({one.drop or 'no drop named'}) to {to_text_of_seconds(one.latest)}" for one in drops]
        none = "no copy of a drop's database: what the mall's own copy has of a drop is all there is"
        return [mall, Finding("drops", Presence.THERE if drops else Presence.WARNS, ", ".join(told) or none)]

    def _at_commit(self, commit: str) -> Finding:
        git = shutil.which("git")
        if git is None:
            return Finding("commit", Presence.UNKNOWN, "git is not on the PATH")
        asked = [git, "-C", str(self._repository), "cat-file", "-e", f"{commit}^{{commit}}"]
        if subprocess.run(asked, capture_output=True, check=False, timeout=30).returncode == 0:
            return Finding("commit", Presence.THERE, commit)
        return Finding(
            "commit",
            Presence.WARNS,
            f"{commit} is not in this clone",
            "Build hosts need it at the repository's address",
        )

    def _digests(self) -> dict[str, str]:
        """Return the digests of the mall's images, which the overlay names."""
        file = self._repository / "infra" / "kubernetes" / "overlays" / "prod" / "kustomization.yaml"
        found, name = dict[str, str](), ""
        for line in file.read_text("utf-8").splitlines() if file.is_file() else ():
            word, _, value = line.strip().removeprefix("- ").partition(": ")
            name = value if word == "name" else name
            if word == "digest" and name.startswith(f"{NAME}/") and set(value[7:]) != {"0"}:
                found[name] = value
        return found

    @staticmethod
    def _accepted(one: Finding, wish: RecoveryWish) -> bool:
        return one.state is Presence.MISSING and one.name in wish.without

    def _record(self, wish: RecoveryWish) -> RecoveryRecord | None:
        file = self._work / _RECORD
        if not file.is_file():
            return None
        try:
            told = json.loads(file.read_text("utf-8"))
            if (told["lost"], told["here"], told["copies_to"]) != (wish.site.lost, wish.site.here, wish.site.copies_to):
                raise RecoveryError(
                    f"{file} is of a recovery of {told['lost']} in {told['here']} with copies to {told['copies_to']}; "
                    "expected the same options, or another folder (--work)"
                )
            record = RecoveryRecord.from_json(told, wish.site)
        except (ValueError, KeyError, TypeError) as error:
            raise RecoveryError(
                f"{file}: {error!r}; expected what a recovery wrote; move it away to begin again"
            ) from error
        return replace(record, lost_at=wish.lost_at) if wish.lost_at else record

    def _keep(self, record: RecoveryRecord) -> None:
        """Write the record whole: after a kill there is the old one or the new one."""
        self._work.mkdir(parents=True, exist_ok=True)
        new = self._work / f"{_RECORD}.new"
        new.write_text(json.dumps(record.to_json(), indent=1), "utf-8")
        new.replace(self._work / _RECORD)
