"""Finds on AWS what a lost run made and its state does not know."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from marketday.environments.ports import NotYet
from marketday.provisioners.terraform.adoption import LOOKS, WantedThing, arguments, match, read
from marketday.provisioners.terraform.aws import call
from marketday.provisioners.terraform.errors import CannotAdopt, HostUnavailable
from marketday.provisioners.terraform.model import Run
from marketday.provisioners.terraform.ports import Sweep

_AWAY = ("NotFound", "ClientException", "ValidationError")  # what it would be in does not exist


class AwsAdoption:
    """Implements `terraform.ports.Adoption`."""

    def __init__(self, sweep: Sweep, client: Callable[[str], Any], region: str) -> None:
        """Find things with `sweep`, and the parts of things with the clients that `client` returns."""
        self._sweep = sweep
        self._client = client
        self._region = region

    async def of(self, plan: Run) -> Mapping[str, str] | NotYet:
        """Return the ids, by their addresses, of what exists although `plan` would create it; NotYet until it is ready.

        Only things with the environment's own tags are taken, and things without any tag by their names.

        Raises:
            CannotAdopt: something exists in a state in which Terraform cannot take it over, or more than once.
            LifecycleError: AWS did not answer, so that nothing is proven.

        """
        wanted = [WantedThing(each["address"], each["type"], each["known"]) for each in plan.wanted]
        if not wanted:
            return {}
        things = await self._sweep.things(plan.environment_id)
        found = match(wanted, things, await self._place())
        if found.unfit:
            raise CannotAdopt(
                f"{'; '.join(found.unfit)}: left by a run that was lost, and cannot be taken over; expected each to be "
                "ready, or removed by hand"
            )
        if found.coming:
            return NotYet(f"a lost run left things that are not ready: {'; '.join(found.coming)}")
        return {**found.imports, **await self._parts(wanted)}

    async def _parts(self, wanted: Sequence[WantedThing]) -> dict[str, str]:
        found = {}
        for each in wanted:
            look = LOOKS.get(each.type)
            asked = arguments(look, each) if look else None
            if look is None or asked is None:
                continue
            try:
                answer = await call(self._client(look.service), look.call, **asked)
            except HostUnavailable as error:
                if not any(word in str(error.extra.get("code")) for word in _AWAY):
                    raise
                continue
            part = read(look, each, answer)
            if part is not None:
                found[each.address] = part
        return found

    async def _place(self) -> dict[str, str]:
        told = await call(self._client("sts"), "get_caller_identity")
        return {"partition": told["Arn"].split(":")[1], "account": told["Account"], "region": self._region}
