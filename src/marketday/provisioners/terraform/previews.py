"""Whether this site can build an environment from a branch, asked before anything is made."""

from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from typing import Any

from marketday.drops.definition import DropDefinition
from marketday.environments.errors import DropHasEnvironment
from marketday.environments.model import Environment, requested
from marketday.environments.ports import Outlook
from marketday.kit.errors import Kind, Permanent
from marketday.kit.ids import new_id
from marketday.provisioners.terraform.errors import HostTaken, InvalidFacts, TerraformError
from marketday.provisioners.terraform.facts import StackFacts
from marketday.provisioners.terraform.places import overlap
from marketday.provisioners.terraform.pushed_images import image_lines
from marketday.provisioners.terraform.remote_branches import UnknownBranch, commit_of

_THERE = ": there"


class PreviewNotReady(TerraformError, Permanent):
    """Something that the preview needs is missing."""

    kind = Kind.CONFLICT
    slug = "preview-not-ready"


@dataclass(frozen=True, slots=True)
class BranchSource:
    """What a preview is made from, and where."""

    branch: str
    commit: str
    region: str
    hostname: str


class Previews:
    """Looks at the site, the repository, the images and the account."""

    def __init__(
        self,
        facts: Callable[[], Awaitable[StackFacts]],
        repository: str,
        client: Callable[[str], Any],
        outlook: Outlook,
    ) -> None:
        """Read the site's facts with `facts`, and branches from `repository`."""
        self._facts = facts
        self._repository = repository
        self._client = client
        self._outlook = outlook

    async def source(self, branch: str) -> BranchSource:
        """Return the commit of a branch, if this site can build it.

        Raises:
            InvalidFacts: the site is not one for previews, or could not hand one back.
            UnknownBranch: the repository has no such branch.
            PreviewNotReady: an image of the commit is not pushed, or nobody can say.

        """
        facts = await self._facts()
        facts.made_from("a branch")  # refused before anything is asked
        if facts.prod is None or facts.prod.controller is None:
            raise InvalidFacts(
                "prod.controller: missing; expected the mall's controller, which hands a preview's orders back: "
                "without it no preview would ever end"
            )
        commit = await commit_of(self._repository, branch)
        images = [image for _, image in facts.made_from(commit).images]
        missing = [line for line in await image_lines(images, self._client) if not line.endswith(_THERE)]
        if missing:
            raise PreviewNotReady(f"commit {commit} of {branch!r}: {'; '.join(missing)}")
        return BranchSource(branch, commit, facts.region, facts.hostname)

    async def moved(self, branch: str, commit: str) -> str:
        """Return, as the end of a sentence, that the branch is not at `commit` any more; a preview keeps its own."""
        try:
            head = await commit_of(self._repository, branch)
        except UnknownBranch:
            return "; the branch is gone"
        except TerraformError:
            return "; where the branch is now is not known"
        return "" if head == commit else f"; the branch has moved to {head[:12]}"

    async def refuse_unfit(self, definition: DropDefinition, hostname: str, living: Collection[Environment]) -> None:
        """Refuse a drop for which the account or the host name has no room.

        Raises:
            DropHasEnvironment: this branch has a preview already.
            HostTaken: another drop is sold at the site's host name at the same time.
            PreviewNotReady: a quota is not enough.

        """
        asked = requested(new_id(), definition, definition.schedule())
        for each in living:
            if each.drop_slug == definition.slug:
                ends = definition.local(each.schedule.destroy_at)
                raise DropHasEnvironment(
                    f"this branch has a preview that is {each.state} and ends at {ends}; expected none: "
                    "end it with --end, or keep it longer with --extend"
                )
            if overlap(each, asked):
                raise HostTaken(
                    f"{hostname} serves drop {each.drop_slug!r} until {definition.local(each.schedule.closes_at)}; "
                    "expected a time when no other is open: a site has one host name, so it shows one preview at a time"
                )
        if lacking := await self._outlook.lacks(definition):
            raise PreviewNotReady("; ".join(lacking))
