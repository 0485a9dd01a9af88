"""Access to the store: the mall's identity and the waiting room's admission, both checked offline."""

from fastapi import Request

from marketday.accounts.checked import CheckedIdentities
from marketday.accounts.tokens import Identity, PublicKeys
from marketday.kit.clock import Clock
from marketday.kit.errors import Kind, Permanent
from marketday.waitingroom.tokens import Admission, verify
from marketday.web.drop_cookies import DropCookies
from marketday.web.sessions import bearer


class MissingAdmission(Permanent):
    """The request carries no admission."""

    kind = Kind.UNAUTHENTICATED
    slug = "missing-admission"


class Doorway:
    """Reads tokens from the headers or, in a browser, from the cookies that the gate has set."""

    def __init__(self, keys: PublicKeys, admission_key: bytes, clock: Clock, cookies: DropCookies) -> None:
        """Accept identities signed with `keys` and admissions made with `admission_key`."""
        self._identities = CheckedIdentities(keys, clock)
        self._cookies = cookies
        self._admission_key = admission_key
        self.clock = clock

    async def identity(self, request: Request) -> Identity:
        """Return who sent `request`; a cookie counts only for the drop in the path.

        Raises:
            MissingToken, InvalidToken, ExpiredToken: there is no valid token.

        """
        kept = self._cookies.identity(request.path_params.get("drop", ""))
        return self._identities.of(bearer(request) or request.cookies.get(kept))

    def admission(self, request: Request, drop: str, identity: Identity) -> Admission:
        """Return the admission of `identity` to the store of `drop`.

        Raises:
            MissingAdmission: there is no token.
            WaitingRoomError: it is forged, expired, for another drop, or another person's.

        """
        token = request.headers.get("marketday-admission") or request.cookies.get(self._cookies.admission(drop))
        if not token:
            raise MissingAdmission("expected the header Marketday-Admission with the waiting room's token")
        admission = verify(self._admission_key, token, drop, self.clock.now())
        admission.require_person(identity.person_id)
        return admission
