"""How somebody who is signed in at the mall gets the token that the event plane knows them by."""

from marketday.crowd.client import Call, Visitor


async def identify(visitor: Visitor, mall: str, session: str, until: float) -> bool:
    """Get an identity token from the mall with the session cookie of one who is signed in; False when refused."""
    headers = {"Cookie": f"session={session}", "Origin": mall}  # as a page of the mall sends it
    call = Call("mall", "identity", "POST", f"{mall}/v1/identity-tokens", headers=headers)
    reply = await visitor.insist(call, until)
    if reply.status not in {200, 201}:
        return False
    visitor.headers["Authorization"] = f"Bearer {reply.body['token']}"
    return True
