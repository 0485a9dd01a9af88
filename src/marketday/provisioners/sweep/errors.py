"""What can go wrong with a sweep."""

from marketday.environments.errors import LifecycleError
from marketday.kit.errors import Temporary

MOST_TOLD = 12


class SweepUnproven(LifecycleError, Temporary):
    """A service did not show what is left, so nothing is proven."""

    slug = "sweep-unproven"

    def __init__(self, *unanswered: str, not_ready: bool = False) -> None:
        """Name each call that was not answered, with its service and action.

        `not_ready`: it is about one thing that is being made, and will be answered when that is ready.
        """
        self.not_ready = not_ready
        self.unanswered = tuple(dict.fromkeys(unanswered))
        more = f"; and {len(self.unanswered) - MOST_TOLD} more" if len(self.unanswered) > MOST_TOLD else ""
        super().__init__("; ".join(self.unanswered[:MOST_TOLD]) + more)
