"""The backup's key: an age identity in a file. What leaves the machine is encrypted to it, and sealed with it.

age encrypts to a public key, so anyone who knows that key could make a file that decrypts. So each small file also has
an HMAC over its name and content, with a key that follows from the identity; large files are named by their SHA-256 in
such a file. `age -d -i KEY FILE` of any age program opens what is here; a sealed file begins with its 32 bytes of HMAC.
"""

import hashlib
import hmac
import io
import os
import stat
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from marketday.kit.extras import extra
from marketday.kit.private import private_opener
from marketday.kit.reading import UnreadableFile, read_text
from marketday.provisioners.local.backup.errors import BackupSettings, BackupUnusable

_PREFIX = "AGE-SECRET-KEY-"
_LARGEST_FILE = 64 * 1024
_MAC_BYTES = 32
_USE = b"marketday backup: seals, version 1"


@dataclass(frozen=True, slots=True, repr=False)
class BackupKey:
    """The key, and the file that it is in. It is never shown."""

    file: Path
    identity: Any  # pyrage.x25519.Identity
    recipient: str
    _mac_key: bytes

    def seal(self, name: str, content: bytes) -> bytes:
        """Return `content`, encrypted and bound to `name`."""
        with extra("local"):
            import pyrage  # noqa: PLC0415 - of an extra

        return bytes(pyrage.encrypt(self._mac(name, content) + content, [self.identity.to_public()]))

    def unseal(self, name: str, sealed: bytes) -> bytes:
        """Return the content that was sealed as `name`.

        Raises:
            BackupUnusable: the key is another one, or the file was altered, cut off, or put under another name.

        """
        out = io.BytesIO()
        self.decrypt(name, io.BytesIO(sealed), out)
        plain = out.getvalue()
        mac, content = plain[:_MAC_BYTES], plain[_MAC_BYTES:]
        if not hmac.compare_digest(mac, self._mac(name, content)):
            raise BackupUnusable(
                f"{name}: it was not made with the key in {self.file}, or it was altered or renamed; it is not used"
            )
        return content

    def encrypt(self, source: Any, target: Any) -> None:
        """Encrypt a stream; the caller notes the SHA-256 of the result in a sealed file."""
        with extra("local"):
            import pyrage  # noqa: PLC0415 - of an extra

        pyrage.encrypt_io(source, target, [self.identity.to_public()])

    def decrypt(self, name: str, source: Any, target: Any) -> None:
        """Decrypt a stream; if this raises, what was written to `target` is worth nothing.

        Raises:
            BackupUnusable: the key is another one, or the file was altered or cut off.

        """
        with extra("local"):
            import pyrage  # noqa: PLC0415 - of an extra

        watched: Any = _Writing(target)
        try:
            pyrage.decrypt_io(source, watched, [self.identity])
        except Exception as error:  # noqa: BLE001 - the library raises what it likes
            if watched.failure is not None:  # such as a full disk
                raise watched.failure from None
            if "matching keys" in str(error):
                raise BackupUnusable(f"{name} is encrypted for another key than that in {self.file}") from None
            raise BackupUnusable(f"{name} was altered or cut off: it does not decrypt ({error})") from None

    def prove(self) -> None:
        """Encrypt and decrypt something; raises BackupUnusable if that does not work."""
        if self.unseal("test", self.seal("test", b"readable")) != b"readable":
            raise BackupUnusable(f"what is encrypted with {self.file} cannot be decrypted with it")

    def _mac(self, name: str, content: bytes) -> bytes:
        digest = hmac.new(self._mac_key, digestmod=hashlib.sha256)
        encoded = name.encode()
        digest.update(len(encoded).to_bytes(8, "big") + encoded)
        digest.update(content)
        return digest.digest()


class _Writing:
    """A target that remembers why writing failed: the library gives only a text."""

    def __init__(self, target: IO[bytes]) -> None:
        self._target = target
        self.failure: OSError | None = None

    def write(self, data: bytes) -> int:
        try:
            return self._target.write(data)
        except OSError as error:
            self.failure = error
            raise

    def flush(self) -> None:
        self._target.flush()


def make_key(file: Path) -> BackupKey:
    """Write a new key into a new file that only its owner can read.

    Raises:
        BackupSettings: the file exists, or cannot be written.

    """
    with extra("local"):
        import pyrage  # noqa: PLC0415 - of an extra

    identity = pyrage.x25519.Identity.generate()
    text = f"# public key: {identity.to_public()}\n{identity}\n"
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with open(file, "x", opener=private_opener) as target:
            target.write(text)
            target.flush()
            os.fsync(target.fileno())
    except FileExistsError:
        raise BackupSettings(f"{file} exists; expected a new file: a key that is overwritten is lost") from None
    except OSError as error:
        raise BackupSettings(f"{file}: {error.strerror}; expected a file that this account may write") from None
    return read_key(file)


def read_key(file: Path) -> BackupKey:
    """Return the key in a file as `age-keygen` writes it, and test that it decrypts.

    Raises:
        BackupSettings: there is no key in it, or others can read or change it.

    """
    with extra("local"):
        import pyrage  # noqa: PLC0415 - of an extra

    try:
        text = read_text(file, _LARGEST_FILE)
        mode = file.stat()
    except UnreadableFile as error:
        raise BackupSettings(f"the key: {error.detail}") from None
    if mode.st_mode & (stat.S_IRWXG | stat.S_IRWXO) or mode.st_uid not in (os.geteuid(), 0):
        raise BackupSettings(
            f"others can read or change the key {file}; expected a file of this account with mode 0600"
        )
    lines = [line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#")]
    if len(lines) != 1 or not lines[0].startswith(_PREFIX):
        raise BackupSettings(f"{file} has no age key; expected one line that begins with {_PREFIX}")
    try:
        identity = pyrage.x25519.Identity.from_str(lines[0])
    except pyrage.IdentityError as error:
        raise BackupSettings(f"{file}: {error}; expected an age key as `marketday backup key` writes it") from None
    mac_key = hmac.digest(lines[0].encode(), _USE, "sha256")
    key = BackupKey(file, identity, str(identity.to_public()), mac_key)
    key.prove()
    return key


def hashing(source: IO[bytes], write: Callable[[bytes], object], most: int) -> tuple[str, int]:
    """Return SHA-256 and size of a stream, of which little more than `most` bytes is read; `write` gets its bytes."""
    digest, size = hashlib.sha256(), 0
    while size <= most and (block := source.read(1 << 20)):
        digest.update(block)
        size += len(block)
        write(block)
    return digest.hexdigest(), size
