"""Get a person's identity token, for the event plane, from the mall."""

from marketday.crowd.client import Call, Visitor
from marketday.kit.bearer import bearer_header


async def identify(visitor: Visitor, mall: str, session: str, until: float) -> bool:
    """Get an identity token from the mall with a person's session cookie; return False if it is refused."""
    headers = {"Cookie": f"session={session}", "Origin": mall}  # as a page of the mall sends it
    call = Call("mall", "identity", "POST", f"{mall}/v1/identity-tokens", headers=headers)
    reply = await visitor.insist(call, until)
    if reply.status not in {200, 201}:
        return False
    visitor.headers.update(bearer_header(reply.body["token"]))
    return True
