"""What can go wrong with a sweep."""

from marketday.environments.errors import LifecycleError
from marketday.kit.errors import Temporary

MOST_TOLD = 12


class SweepUnproven(LifecycleError, Temporary):
    """A service did not answer what is left, so nothing is proven."""

    slug = "sweep-unproven"

    def __init__(self, *silences: str) -> None:
        """Name each question that was not answered, with the service and the action."""
        self.silences = tuple(dict.fromkeys(silences))
        more = f"; and {len(self.silences) - MOST_TOLD} more" if len(self.silences) > MOST_TOLD else ""
        super().__init__("; ".join(self.silences[:MOST_TOLD]) + more)
