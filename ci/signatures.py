"""Signatures of images, as cosign makes them with a key: what names repository and digest, kept beside the image.

The format is cosign's SIGNATURE_SPEC: the payload is "simple signing" JSON, its signature ECDSA over SHA-256 in the
annotation of a layer, and the tag is `sha256-DIGEST.sig`. skopeo brings both to and from the registry; Debian's cannot
check signatures of this kind.
"""

import base64
import hashlib
import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from ci.stage import Stopped, run
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

PAYLOAD = "application/vnd.dev.cosign.simplesigning.v1+json"
ANNOTATION = "dev.cosignproject.cosign/signature"
KIND = "cosign container image signature"
MANIFEST = "application/vnd.oci.image.manifest.v1+json"


def signing_key(pem: bytes) -> ec.EllipticCurvePrivateKey:
    """Return the key that signs: PEM, PKCS 8, P-256, without a password."""
    try:
        key = serialization.load_pem_private_key(pem, None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, ec.EllipticCurvePrivateKey) or key.curve.name != "secp256r1":
        raise Stopped("the signing key cannot be read; expected PEM of an ECDSA key on P-256 without a password")
    return key


def payload(repository: str, digest: str) -> bytes:
    """Return what is signed."""
    image = {"docker-manifest-digest": digest}
    critical = {"identity": {"docker-reference": repository}, "image": image, "type": KIND}
    return json.dumps({"critical": critical, "optional": None}, separators=(",", ":")).encode()


def signature_layout(folder: Path, repository: str, digest: str, key: ec.EllipticCurvePrivateKey) -> None:
    """Write a signature as an image's layout (OCI), which skopeo can push."""
    signed = payload(repository, digest)
    signature = base64.b64encode(key.sign(signed, ec.ECDSA(hashes.SHA256()))).decode()
    layer = _blob(folder, signed, PAYLOAD) | {"annotations": {ANNOTATION: signature}}
    root = {"type": "layers", "diff_ids": [layer["digest"]]}
    config = {"architecture": "", "os": "", "config": {}, "rootfs": root}
    manifest = {
        "schemaVersion": 2,
        "mediaType": MANIFEST,
        "config": _blob(folder, json.dumps(config).encode(), "application/vnd.oci.image.config.v1+json"),
        "layers": [layer],
    }
    named = _blob(folder, json.dumps(manifest).encode(), MANIFEST)
    named["annotations"] = {"org.opencontainers.image.ref.name": "signature"}
    (folder / "index.json").write_text(json.dumps({"schemaVersion": 2, "manifests": [named]}), "utf-8")
    (folder / "oci-layout").write_text('{"imageLayoutVersion": "1.0.0"}', "utf-8")


def _blob(folder: Path, content: bytes, kind: str) -> dict[str, Any]:
    number = hashlib.sha256(content).hexdigest()
    blobs = folder / "blobs" / "sha256"
    blobs.mkdir(parents=True, exist_ok=True)
    (blobs / number).write_bytes(content)
    return {"mediaType": kind, "digest": f"sha256:{number}", "size": len(content)}


def sign(repository: str, digest: str, key: ec.EllipticCurvePrivateKey, *, plain: bool) -> None:
    """Put a signature of this digest beside the image in its registry."""
    with TemporaryDirectory() as folder:
        signature_layout(Path(folder), repository, digest, key)
        target = f"docker://{repository}:{digest.replace(':', '-')}.sig"
        tls = [f"--dest-tls-verify={'false' if plain else 'true'}"]
        run("skopeo", "copy", "--quiet", "--preserve-digests", *tls, f"oci:{folder}:signature", target)


def verify(repository: str, digest: str, public_key: Path, *, plain: bool) -> None:
    """Stop unless the registry has this image, and a signature of it that this key made."""
    key = read_public_key(public_key)
    tls = f"tls-verify={'false' if plain else 'true'}"
    source = f"docker://{repository}:{digest.replace(':', '-')}.sig"
    with TemporaryDirectory() as name:
        folder = Path(name)
        try:
            run("skopeo", "inspect", "--raw", f"--{tls}", f"docker://{repository}@{digest}")
            run("skopeo", "copy", "--quiet", "--preserve-digests", f"--src-{tls}", source, f"oci:{folder}:signature")
        except Stopped as refused:
            raise Stopped(f"{repository}@{digest} has no signature that can be read: {refused}") from None
        if not any(is_ours(folder, layer, repository, digest, key) for layer in layers(folder)):
            raise Stopped(
                f"{repository}@{digest} has no signature by the key in {public_key}; expected one for this digest"
            )


def read_public_key(file: Path) -> ec.EllipticCurvePublicKey:
    """Return the key that checks signatures; stop if the file has none."""
    try:
        key = serialization.load_pem_public_key(file.read_bytes())
    except (OSError, ValueError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, ec.EllipticCurvePublicKey):
        raise Stopped(f"there is no public key in {file}; expected PEM of an ECDSA key")
    return key


def layers(folder: Path) -> list[dict[str, Any]]:
    """Return the signatures of a layout."""
    (named,) = json.loads((folder / "index.json").read_text("utf-8"))["manifests"]
    layers: list[dict[str, Any]] = json.loads(_content(folder, named))["layers"]
    return [layer for layer in layers if layer["mediaType"] == PAYLOAD]


def _content(folder: Path, blob: dict[str, Any]) -> bytes:
    return (folder / "blobs" / "sha256" / blob["digest"].removeprefix("sha256:")).read_bytes()


def is_ours(folder: Path, layer: dict[str, Any], repository: str, digest: str, key: ec.EllipticCurvePublicKey) -> bool:
    """Say whether a signature is of this digest in this repository, by this key."""
    signed = _content(folder, layer)
    try:
        key.verify(base64.b64decode(layer["annotations"][ANNOTATION]), signed, ec.ECDSA(hashes.SHA256()))
        critical = json.loads(signed)["critical"]
    except (InvalidSignature, KeyError, ValueError):
        return False
    named = critical["identity"]["docker-reference"], critical["image"]["docker-manifest-digest"], critical["type"]
    return named == (repository, digest, KIND)
