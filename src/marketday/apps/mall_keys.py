"""The setting of the mall's public keys, which gate and store check identities with."""

import json
from pathlib import Path

from pydantic import Field, ValidationInfo, field_validator

from marketday.accounts.tokens import PublicKeys, load_jwks, parse_jwks
from marketday.kit.settings import ServiceSettings


class MallKeys(ServiceSettings):
    """The public keys: a file, or, where nothing can be written, the document itself."""

    jwks: str | None = Field(default=None, description="The mall's public keys: a JWKS document.")
    jwks_file: Path | None = Field(
        default=None, validate_default=True, description="The file with the mall's public keys, if they are not given."
    )

    @field_validator("jwks")
    @classmethod
    def _are_keys(cls, value: str | None) -> str | None:
        if value is not None:
            parse_jwks(json.loads(value))
        return value

    @field_validator("jwks_file")
    @classmethod
    def _or_the_document(cls, value: Path | None, info: ValidationInfo) -> Path | None:
        if "jwks" in info.data and (value is None) == (info.data["jwks"] is None):
            raise ValueError("expected either this file or MARKETDAY_JWKS")
        return value

    def public_keys(self) -> PublicKeys:
        """Return the keys; raises OSError or ValueError if the file cannot be read."""
        if self.jwks_file is not None:
            return load_jwks(self.jwks_file)
        return parse_jwks(json.loads(self.jwks or "{}"))
