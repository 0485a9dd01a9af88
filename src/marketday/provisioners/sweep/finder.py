"""A finder describes, as data, how one kind of thing is listed, and how things are read from AWS's answers."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from marketday.provisioners.sweep.advice import Advice
from marketday.provisioners.sweep.model import GLOBAL, Thing

HOME = "us-east-1"  # where AWS keeps things that belong to no region
Arguments = Mapping[str, str | Callable[[Any], Any]]
_TAG_PAIRS = (("Key", "Value"), ("key", "value"), ("TagKey", "TagValue"))


@dataclass(frozen=True, slots=True)
class Ask:
    """A further call about one item.

    `arguments` are paths into the item, or functions of it; the value of a key that ends in [] becomes a list.
    """

    call: str
    arguments: Arguments
    answer: str  # path into the answer
    fixed: Mapping[str, Any] = field(default_factory=dict)

    def filled(self, item: Any) -> dict[str, Any] | None:
        """Return the arguments for `item`; None if it lacks one."""
        filled = dict(self.fixed)
        for argument, path in self.arguments.items():
            value = first(item, path) if isinstance(path, str) else path(item)
            if not value:
                return None
            filled[argument.removesuffix("[]")] = [value] if argument.endswith("[]") else value
        return filled


@dataclass(frozen=True, slots=True)
class Finder:
    """How one kind of thing is found. Paths are dotted; if there is a list on the way, every element is followed.

    `call` is the operation's name in AWS's spelling. The IAM action usually has the same name; `granted_by` names it
    if not. Tags are at the path `tags` of the listing, or `ask_tags` reads them for things not recognised by name.
    """

    kind: str
    service: str  # boto3's name
    call: str
    items: str
    id: str = ""
    arn: str = ""  # path to the item's ARN
    type: str = ""  # how the ARNs of this kind begin, after `arn:partition:`: service:type and a separator
    names: tuple[str, ...] = ()
    tags: str = ""
    ask_tags: Ask | None = None
    inside: tuple[str, ...] = ()
    uses: tuple[str, ...] = ()
    state: str = ""
    gone: tuple[str, ...] = ()  # states in which it does not exist any more
    going: tuple[str, ...] = ()  # states that do not block, see Leftover
    kept: tuple[str, ...] = ()  # states of what is kept on purpose until AWS removes it; they do not block either
    until: str | Callable[[Any], datetime | None] = ""  # when it will be gone: a path, or computed
    note: str = ""  # a detail to show for each thing, if its state is not clear enough
    blocks: bool = True
    advice: Callable[[Any, str], Advice | None] | None = None
    theirs: tuple[str, str] = ("", "")  # a path, and how the value there begins if the thing belongs to AWS itself
    arguments: Mapping[str, Any] = field(default_factory=dict)
    each: tuple["Finder", Arguments] | None = None  # listed within each item of another finder
    describe: Ask | None = None  # adds to each item what its listing leaves out
    region: str = ""  # the only region to ask in; if empty, all are asked
    granted_by: str = ""

    def thing(self, item: Any, region: str) -> Thing | None:
        """Return the thing that `item` of a listing describes; None if it is gone or belongs to AWS itself."""
        state, until = (
            str(first(item, self.state) if self.state else ""),
            self.until(item) if callable(self.until) else first(item, self.until) if self.until else None,
        )
        if (state and state in self.gone) or self._is_theirs(item):
            return None
        return Thing(
            kind=self.kind,
            type=self.type,
            region=GLOBAL if self.region else region,
            id=str(first(item, self.id)),
            arn=str(first(item, self.arn) or "") if self.arn else "",
            names=[str(name) for path in self.names for name in dig(item, path)],
            tags=read_tags(item, self.tags) if self.tags else None,
            inside=[str(place) for path in self.inside for place in dig(item, path)],
            uses=[str(used) for path in self.uses for used in dig(item, path)],
            detail=", ".join(filter(None, (self.note, _moment(until, kept=state in self.kept) if until else state))),
            blocks=self.blocks and state not in (*self.going, *self.kept),
            advice=self.advice(item, region) if self.advice else None,
        )

    def _is_theirs(self, item: Any) -> bool:
        path, beginning = self.theirs
        return bool(beginning) and str(first(item, path)).startswith(beginning)


def dig(value: Any, path: str) -> Iterator[Any]:
    """Yield the values at a dotted path, from each element if there is a list on the way; nothing if it is missing."""
    if isinstance(value, list):
        for each in value:
            yield from dig(each, path)
    elif not path:
        if value is not None:
            yield value
    elif isinstance(value, Mapping):
        head, _, rest = path.partition(".")
        yield from dig(value.get(head), rest)


def first(value: Any, path: str) -> Any:
    """Return the first thing at a path, or None."""
    return next(dig(value, path), None)


def read_tags(value: Any, path: str) -> dict[str, str]:
    """Return the tags at a path, in any of AWS's four spellings."""
    tags: dict[str, str] = {}
    for each in dig(value, path):
        pair = next((pair for pair in _TAG_PAIRS if pair[0] in each), None)
        tags |= {each[pair[0]]: each.get(pair[1]) or ""} if pair else each
    return tags


def _moment(until: Any, *, kept: bool) -> str:
    when = f"{until.astimezone(UTC):%Y-%m-%d %H:%M} UTC" if isinstance(until, datetime) else str(until)
    return f"{'kept on purpose' if kept else 'in deletion'}, gone by {when}"
