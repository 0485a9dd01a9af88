"""Errors of accounts, sign-ins and identity tokens."""

from marketday.kit.errors import Kind, MarketdayError, Permanent, Temporary


class AccountError(MarketdayError):
    """The account cannot do that."""

    kind = Kind.INVALID
    slug = "account"


class AccountsUnavailable(AccountError, Temporary):
    """The accounts cannot be read right now."""

    kind = Kind.UNAVAILABLE
    slug = "accounts-unavailable"


class InvalidEmail(AccountError, Permanent):
    """This is not an e-mail address."""

    kind = Kind.UNPROCESSABLE
    slug = "invalid-email"


class InvalidPassword(AccountError, Permanent):
    """This password cannot be used."""

    kind = Kind.UNPROCESSABLE
    slug = "invalid-password"


class InvalidName(AccountError, Permanent):
    """This name cannot be used."""

    kind = Kind.UNPROCESSABLE
    slug = "invalid-name"


class EmailTaken(AccountError, Permanent):
    """There is already an account with this e-mail address."""

    kind = Kind.CONFLICT
    slug = "email-taken"


class UnknownAccount(AccountError, Permanent):
    """There is no such account."""

    kind = Kind.NOT_FOUND
    slug = "unknown-account"


class NotViewer(AccountError, Permanent):
    """Only an administrator or a viewer may look at this."""

    kind = Kind.FORBIDDEN
    slug = "not-viewer"


class NotAdmin(AccountError, Permanent):
    """Only an administrator may do this."""

    kind = Kind.FORBIDDEN
    slug = "not-admin"


class TooManySignIns(AccountError, Temporary):
    """Too many failed sign-ins; wait a while."""

    kind = Kind.TOO_MANY
    slug = "too-many-sign-ins"


class TooManySignUps(AccountError, Temporary):
    """Too many new accounts from one address; wait a while."""

    kind = Kind.TOO_MANY
    slug = "too-many-sign-ups"


class TooManyIdentities(AccountError, Temporary):
    """Many people are coming for a drop right now."""

    kind = Kind.UNAVAILABLE
    slug = "too-many-identities"


class Unauthenticated(AccountError, Permanent):
    """You could not be identified."""

    kind = Kind.UNAUTHENTICATED
    slug = "unauthenticated"


class WrongCredentials(Unauthenticated):
    """The e-mail address or the password is wrong."""

    slug = "wrong-credentials"


class NotSignedIn(Unauthenticated):
    """You are not signed in."""

    slug = "not-signed-in"


class MissingToken(Unauthenticated):
    """The request carries no identity token."""

    slug = "missing-token"


class InvalidToken(Unauthenticated):
    """The identity token is not valid."""

    slug = "invalid-token"


class ExpiredToken(Unauthenticated):
    """The identity token has expired."""

    slug = "expired-token"
