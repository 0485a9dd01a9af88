"""Sign: each digest that was pushed gets a signature beside it, and is read back and checked."""

from pathlib import Path

from ci.push import scanned
from ci.signatures import sign, signing_key, verify
from ci.stage import Stopped, main, registry, setting


def public_key() -> Path:
    """Return the file of the key that checks signatures."""
    return Path(setting("DELIVERY_PUBLIC_KEY", "the file of the public key, PEM"))


def check(name: str, digest: str) -> None:
    """Stop unless the registry has this digest of an image with our signature."""
    place, tls = registry()
    verify(f"{place}/marketday/{name}", digest, public_key(), plain=bool(tls))


def work() -> str:
    """Sign all images."""
    images = scanned()
    file = Path(setting("DELIVERY_SIGNING_KEY", "the file of the key that signs, PEM"))
    try:
        key = signing_key(file.read_bytes())
    except OSError:
        raise Stopped(f"there is no {file}; expected the key that signs") from None
    place, tls = registry()
    for name, digest in images.items():
        try:
            check(name, digest)  # a tag of ECR never changes, so what is signed stays as it is
        except Stopped:
            sign(f"{place}/marketday/{name}", digest, key, plain=bool(tls))
            check(name, digest)
    return f"{len(images)} digests"


if __name__ == "__main__":
    main(work)
