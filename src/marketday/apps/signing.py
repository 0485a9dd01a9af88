"""The mall's private key, for those who sign: mall and controller."""

from pathlib import Path

from marketday.accounts.tokens import load_signing_key
from marketday.kit.settings import end


def check_signing_key(file: Path) -> None:
    """End the process with one line if the key cannot be used; it would otherwise end with the server's traceback."""
    try:
        load_signing_key(file)
    except OSError as error:
        end(f"settings: MARKETDAY_SIGNING_KEY_FILE is {str(file)!r}: {error.strerror}; expected the mall's private key")
    except ValueError as error:
        end(f"settings: MARKETDAY_SIGNING_KEY_FILE is {str(file)!r}: {error}")
