"""Looks for drift in every stack that exists, and tells each difference once. It changes nothing in AWS."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from marketday.environments.redaction import redacted
from marketday.kit.errors import MarketdayError
from marketday.provisioners.drift.echoes import Fact, known, unexplained
from marketday.provisioners.drift.errors import UnknownStack
from marketday.provisioners.drift.model import (
    Drifted,
    DriftKind,
    differences,
    from_json,
    mark_of,
    news,
    resources,
    shown,
    to_json,
)
from marketday.provisioners.drift.ports import Channel, Looking, Marked, States
from marketday.provisioners.drift.state import attributes, copied, identifiers
from marketday.provisioners.drift.unmanaged import OUTSIDE, unmanaged

Progress = Callable[[str], None]


@dataclass(slots=True)
class DriftLook:
    """What a look has found."""

    found: list[Drifted] = field(default_factory=list)
    stacks: list[str] = field(default_factory=list)  # that were looked at
    resources: int = 0
    left_out: list[str] = field(default_factory=list)  # addresses that are not looked at
    in_clusters: int = 0  # things that a cluster made for itself

    def not_looked_at(self, place: str, error: Exception) -> None:
        """Note that nothing is known about `place`. That is a difference too: it must not look like none."""
        words = error.detail if isinstance(error, MarketdayError) else type(error).__name__
        self.found.append(Drifted(place, "all of it", DriftKind.UNKNOWN, shown(redacted(words))))


class Drift:
    """Compares AWS with all states."""

    def __init__(self, states: States, looking: Looking, marked: Marked, region: str) -> None:
        """DriftLook with Terraform in `region`, except at what its ARNs show to be elsewhere."""
        self._states = states
        self._looking = looking
        self._marked = marked
        self._region = region

    async def look(self, names: Sequence[str], progress: Progress) -> DriftLook:
        """Look at the stacks `names`, or at all of them and at what is in no state.

        Raises:
            UnknownStack: no state has one of these names, or there is no state at all.

        """
        states = await self._states.states()
        if missing := sorted(set(names) - states.keys()):
            raise UnknownStack(
                f"{', '.join(missing)}; expected some of {', '.join(sorted(states)) or 'none: there is no state'}"
            )
        if not states:
            raise UnknownStack("there is no state in the bucket; expected those that docs/aws.md puts there")
        look = DriftLook()
        explained = self._explained(states, look)
        for name in sorted(names or states):
            progress(f"looking at {name}")
            await self._at(name, states[name], explained, look)
        if not names:
            progress("looking for what no state has")
            await self._outside(states, look)
        look.found.sort()
        return look

    async def tell(self, look: DriftLook, channel: Channel) -> bool:
        """Tell what is new since the last look, and what is gone; keep it if that arrived, and return whether."""
        before = from_json(await self._states.told())
        blind = {each.stack for each in look.found if each.kind is DriftKind.UNKNOWN}
        # What could not be looked at is as it was: nobody hears that it is right again.
        kept = [each for each in before if each.stack in blind and each.kind is not DriftKind.UNKNOWN]
        now = [*look.found, *kept]
        fresh = news(before, now)
        if fresh and not await channel.tell(fresh):
            return False
        await self._states.keep(to_json(now))
        return True

    def _explained(self, states: Mapping[str, str], look: DriftLook) -> frozenset[Fact]:
        said: list[tuple[str, Mapping[str, Any]]] = []
        for name, text in states.items():
            try:
                said += attributes(text, name)
            except MarketdayError as error:
                look.not_looked_at(name, error)
        return known(said)

    async def _at(self, name: str, text: str, explained: frozenset[Fact], look: DriftLook) -> None:
        try:
            copy = copied(text, name, self._region)
        except MarketdayError:
            return  # noted by _explained
        if copy is None:
            return  # destroyed
        try:
            plan = await asyncio.to_thread(self._looking.plan, name, copy)
        except MarketdayError as error:
            look.not_looked_at(name, error)
            return
        key = copy.lineage  # who cannot read the state cannot compare a mark with a guessed value
        look.stacks.append(name)
        look.resources += copy.looked_at
        look.left_out += [f"{name}: {address}" for address in copy.left_out]
        look.found += differences(name, plan, key)
        for each in resources(plan):
            words = unexplained(each["type"], each["values"], explained)
            look.found += [
                Drifted(name, shown(each["address"]), DriftKind.UNMANAGED, shown(one), mark_of(key, one))
                for one in words
            ]

    async def _outside(self, states: Mapping[str, str], look: DriftLook) -> None:
        try:
            named = frozenset().union(*(identifiers(text, name) for name, text in states.items()))
            things = await self._marked.ours()
        except MarketdayError as error:
            look.not_looked_at(OUTSIDE, error)
            return
        outside = unmanaged(things, named, OUTSIDE)
        look.found += outside.found
        look.in_clusters = outside.in_clusters
