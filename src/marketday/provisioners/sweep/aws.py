"""The sweep finds everything of an environment or a plane that still exists in AWS, without reading any records."""

import asyncio
from collections.abc import Coroutine, Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import chain
from typing import Any, TypeVar
from uuid import UUID

from marketday.provisioners.sweep import late_logs, tagging
from marketday.provisioners.sweep.calling import Caller, ClientFactory, Clients
from marketday.provisioners.sweep.errors import SweepUnproven
from marketday.provisioners.sweep.finder import HOME, Ask, Finder, dig, first, read_tags
from marketday.provisioners.sweep.finders import FINDERS, PLANE_FINDERS
from marketday.provisioners.sweep.model import Leftover, Mark, Owner, Thing, belonging, holding
from marketday.provisioners.sweep.our_mark import OurMark
from marketday.provisioners.sweep.plane_mark import PlaneMark, planes_of
from marketday.provisioners.terraform.model import environment_name

_Found = TypeVar("_Found")
_Whys = list[tuple[Thing, str]]


class AwsSweep:
    """Sweeps an AWS account, in the regions that have environments or planes."""

    def __init__(self, client: ClientFactory, regions: Sequence[str]) -> None:
        """Call AWS with clients that `client` makes (`boto3.Session().client`); global things are looked for once."""
        self._clients = Clients(client)
        self._regions = tuple(dict.fromkeys(regions))

    async def leftovers(self, environment_id: UUID, drop_slug: str | None = None) -> Sequence[Leftover]:
        """Return what still exists of an environment, in the order of region and kind. Changes nothing.

        Raises:
            SweepUnproven: a service refused or did not answer; the detail names it and the action.

        """
        mark = Mark(environment_id, drop_slug)
        everything = await self._everything(mark, FINDERS)
        own = belonging(mark, everything)
        return _left(own, holding(everything, own))

    async def things(self, environment_id: UUID) -> Sequence[Thing]:
        """Return what is the environment's own, as AWS describes it, with the tags of all; raises SweepUnproven."""
        mark = Mark(environment_id)
        return [thing for thing, _ in belonging(mark, await self._everything(mark, FINDERS, all_tags=True))]

    async def of_plane(self, name: str, *, made_in_cluster: bool = False) -> Sequence[Leftover]:
        """Return what exists of the prod plane `name`; or only what the controllers in its cluster made.

        Raises:
            SweepUnproven: a service refused or did not answer; the detail names it and the action.

        """
        everything = await self._everything(PlaneMark(name, made_in_cluster), PLANE_FINDERS)
        own = belonging(PlaneMark(name, made_in_cluster, planes_of(everything)), everything)
        return _left(own, holding(everything, own))

    async def ours(self) -> Sequence[Thing]:
        """Return everything with one of our tags, of any stack, plane or environment; raises SweepUnproven."""
        mark = OurMark()
        return [thing for thing in await self._everything(mark, PLANE_FINDERS) if mark.why(thing)]

    async def remove_late_logs(self, environment_id: UUID) -> Sequence[str]:
        """Remove the log groups that AWS made again for a destroyed environment; return their names.

        Raises:
            SweepUnproven: CloudWatch Logs refused or did not answer.

        """
        caller, name = Caller(self._clients), environment_name(environment_id)
        try:
            return await _all(late_logs.remove(caller, name, region) for region in self._regions)
        finally:
            caller.close()

    async def _everything(self, mark: Owner, finders: Sequence[Finder], *, all_tags: bool = False) -> list[Thing]:
        """Return all that exists, of any owner, with the tags by which what is the owner's is recognised."""
        caller = Caller(self._clients)
        try:
            told, things = await asyncio.gather(
                _all(tagging.told(caller, mark, region) for region in dict.fromkeys((*self._regions, HOME))),
                self._things(_Listing(caller, mark, all_tags=all_tags), finders),
            )
        finally:
            caller.close()
        return tagging.completed(things, told, self._regions)

    async def _things(self, listing: "_Listing", finders: Sequence[Finder]) -> list[Thing]:
        places = [
            (finder, region) for finder in finders for region in ((finder.region,) if finder.region else self._regions)
        ]
        return await _all(listing.things(finder, region) for finder, region in places)


def _left(*found: _Whys) -> Sequence[Leftover]:
    return sorted({thing.left(why) for thing, why in chain.from_iterable(found)})


class _Listing:
    """Lists things for one sweep; a listing that several finders need is read once."""

    def __init__(self, caller: Caller, mark: Owner, *, all_tags: bool) -> None:
        self._caller = caller
        self._mark = mark
        self._all_tags = all_tags  # also of what a name shows to belong to the owner
        self._items: dict[tuple[int, str], asyncio.Task[list[Any]]] = {}

    async def things(self, finder: Finder, region: str) -> list[Thing]:
        """Return what a finder finds in a region, with the tags that are needed to recognise it."""
        return await _all(self._thing(finder, region, item) for item in await self._listed(finder, region))

    async def _thing(self, finder: Finder, region: str, item: Any) -> list[Thing]:
        thing = finder.thing(item, region)
        if thing is None:
            return []
        certain = self._mark.is_certain(thing)
        if finder.ask_tags is None or (certain and not self._all_tags):
            return [thing]
        try:
            answers = await self._ask_of(finder, region, finder.ask_tags, item)
        except SweepUnproven as error:
            if not (error.not_ready or certain):
                raise
            return [thing]  # ElastiCache tells no tags of what it is making; then the tagging API has to
        return [replace(thing, tags=read_tags(answers, finder.ask_tags.answer))]

    def _listed(self, finder: Finder, region: str) -> "asyncio.Task[list[Any]]":
        key = (id(finder), region)
        if key not in self._items:
            self._items[key] = asyncio.create_task(self._list(finder, region))
        return self._items[key]

    async def _list(self, finder: Finder, region: str) -> list[Any]:
        if finder.each is None:
            pages = await self._caller.ask(finder.service, region, finder.call, finder.arguments)
        else:
            outer, arguments = finder.each
            ask = Ask(finder.call, arguments, "", finder.arguments)
            pages = await _all(self._ask_of(finder, region, ask, home) for home in await self._listed(outer, region))
        items = list(dig(pages, finder.items))
        if finder.describe is None:
            return items
        return await _all(self._described(finder, region, finder.describe, item) for item in items)

    async def _described(self, finder: Finder, region: str, ask: Ask, item: Any) -> list[Any]:
        more = first(await self._ask_of(finder, region, ask, item), ask.answer)
        return [{**(item if isinstance(item, Mapping) else {}), **more}] if more else []

    async def _ask_of(self, finder: Finder, region: str, ask: Ask, item: Any) -> list[Any]:
        arguments = ask.filled(item)
        if arguments is None:
            return []
        return await self._caller.ask(finder.service, region, ask.call, arguments, of_one=True)


async def _all(asked: Iterable[Coroutine[Any, Any, Sequence[_Found]]]) -> list[_Found]:
    """Return what all of them found; wait for each, and report every failure, not only the first."""
    answers = await asyncio.gather(*asked, return_exceptions=True)
    failed = [each for each in answers if isinstance(each, BaseException)]
    for each in failed:
        if not isinstance(each, SweepUnproven):
            raise each
    if failed:
        raise SweepUnproven(*chain.from_iterable(each.unanswered for each in failed if isinstance(each, SweepUnproven)))
    return list(chain.from_iterable(each for each in answers if not isinstance(each, BaseException)))
