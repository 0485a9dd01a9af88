"""A release's folder: a list of its files with their SHA-256, and a signature of the list.

The signature is what `cosign sign-blob --key` makes: ECDSA on P-256 over SHA-256, DER in base64. `cosign verify-blob`
and openssl check it, and `check_folder` does what they do, and looks that nothing else lies in the folder.
"""

import base64
import binascii
import hashlib
import re
from collections.abc import Mapping
from pathlib import Path

from ci.signatures import read_public_key
from ci.stage import Stopped
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

SUMS, SIGNATURE = "SHA256SUMS", "SHA256SUMS.sig"
_LINE = re.compile(r"([0-9a-f]{64})  ([A-Za-z0-9][A-Za-z0-9._-]*)", re.ASCII)
_SOURCE = re.compile(r"marketday-([0-9]+\.[0-9]+\.[0-9]+)-source\.tar\.gz", re.ASCII)
_MOST_BYTES = 200 * 1024 * 1024
_ALGORITHM = ec.ECDSA(hashes.SHA256())


def write_folder(folder: Path, files: Mapping[str, bytes], key: ec.EllipticCurvePrivateKey) -> None:
    """Write files, their list and its signature; what else lies there stops it."""
    folder.mkdir(parents=True, exist_ok=True)
    if foreign := sorted({each.name for each in folder.iterdir()} - {*files, SUMS, SIGNATURE}):
        raise Stopped(f"{folder} also has {foreign[0]}; expected an empty folder, or the same release")
    sums = "".join(f"{hashlib.sha256(files[name]).hexdigest()}  {name}\n" for name in sorted(files)).encode()
    signature = base64.b64encode(key.sign(sums, _ALGORITHM)) + b"\n"
    for name, content in {**files, SUMS: sums, SIGNATURE: signature}.items():
        half = folder / f".{name}.half"
        half.write_bytes(content)
        half.chmod(0o644)
        half.replace(folder / name)


def fingerprint(key: ec.EllipticCurvePublicKey) -> str:
    """Return the SHA-256 of a public key, by which people compare keys."""
    der = key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return hashlib.sha256(der).hexdigest()


def check_folder(folder: Path, key_file: Path) -> dict[str, bytes]:
    """Return the files of a release by their names; stop unless they are exactly what the key's owner signed."""
    key = read_public_key(key_file)
    if not folder.is_dir():
        raise Stopped(f"{folder} is not a folder; expected the folder of a release")
    sums = _content(folder / SUMS)
    try:
        key.verify(base64.b64decode(_content(folder / SIGNATURE).strip(), validate=True), sums, _ALGORITHM)
    except (InvalidSignature, binascii.Error, ValueError):
        raise Stopped(
            f"{SIGNATURE} is not a signature of {SUMS} by the key in {key_file} ({fingerprint(key)[:16]}...); "
            "use nothing of this folder"
        ) from None
    listed = read_sums(sums)
    if foreign := sorted({each.name for each in folder.iterdir()} - {*listed, SUMS, SIGNATURE}):
        raise Stopped(f"{folder} also has {foreign[0]}, which is not in {SUMS}; expected only what is signed")
    files = {name: _content(folder / name) for name in listed}
    for name, number in listed.items():
        if (found := hashlib.sha256(files[name]).hexdigest()) != number:
            raise Stopped(f"{name} has the SHA-256 {found}; expected {number}: it was changed")
    return files


def read_sums(sums: bytes) -> dict[str, str]:
    """Return the SHA-256 of each file that a list names; stop at a line of another form, such as a path."""
    listed: dict[str, str] = {}
    for line in sums.decode("utf-8", "replace").splitlines():
        found = _LINE.fullmatch(line)
        if found is None or found[2] in {*listed, SUMS, SIGNATURE}:
            raise Stopped(f"{SUMS} has the line {line!r:.100}; expected a SHA-256, two spaces, and a name")
        listed[found[2]] = found[1]
    if not listed:
        raise Stopped(f"{SUMS} is empty; expected a line for each file")
    return listed


def version_in(files: Mapping[str, bytes]) -> str:
    """Return the version of a release, which the name of its source archive has."""
    found = [match[1] for name in files if (match := _SOURCE.fullmatch(name))]
    if len(found) != 1:
        raise Stopped(f"there are {len(found)} files like marketday-0.1.0-source.tar.gz; expected one")
    return found[0]


def _content(file: Path) -> bytes:
    if file.is_symlink() or not file.is_file():
        raise Stopped(f"there is no file {file}; expected the whole folder of a release")
    if file.stat().st_size > _MOST_BYTES:
        raise Stopped(f"{file} has {file.stat().st_size} bytes; expected at most {_MOST_BYTES}")
    return file.read_bytes()
