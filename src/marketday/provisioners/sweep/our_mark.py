"""What carries one of our tags, of any stack, plane or environment. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass

from marketday.provisioners.sweep.model import DROP_TAG, ENVIRONMENT_TAG, STACK_TAG, Thing
from marketday.provisioners.sweep.plane_mark import PLANE_TAG

OUR_TAGS = (STACK_TAG, ENVIRONMENT_TAG, PLANE_TAG, DROP_TAG)


@dataclass(frozen=True, slots=True)
class OurMark:
    """How anything is recognised that says it is Marketday's: only by tags, so a name alone never counts."""

    @property
    def told_by(self) -> Mapping[str, str]:
        """The tags by which the tagging API is asked, with any value."""
        return dict.fromkeys(OUR_TAGS, "")

    def is_certain(self, thing: Thing) -> bool:
        """Whether `thing` needs no more tags: only if it has been read with them."""
        return thing.tags is not None

    def others(self, tags: Mapping[str, str]) -> bool:
        """Return False: nobody else uses our tags."""
        del tags
        return False

    def why(self, thing: Thing) -> str | None:
        """Return by which tag `thing` is ours, or None."""
        tags = thing.tags or {}
        return next((f"tagged {key}={tags[key]}" for key in OUR_TAGS if key in tags), None)
