"""Looks whether the images that an event stack will run are in their repositories; Terraform does not ask."""

import re
from collections.abc import Callable, Sequence
from typing import Any

from marketday.environments.ports import NO_GO
from marketday.provisioners.terraform.aws import call
from marketday.provisioners.terraform.errors import TerraformError

_ECR = re.compile(r"(\d{12})\.dkr\.ecr\.[a-z0-9.-]+/([^:@]+)(?::([\w.-]+)|@(sha256:[0-9a-f]{64}))$")
_MISSING = frozenset({"ImageNotFoundException", "RepositoryNotFoundException"})


async def image_lines(images: Sequence[str], client: Callable[[str], Any]) -> Sequence[str]:
    """Return a sentence for each image: that it is there, that it is missing, or that nobody can say."""
    return [await _line(image, client) for image in images]


async def _line(image: str, client: Callable[[str], Any]) -> str:
    found = _ECR.match(image)
    if found is None:
        return f"image {image}: not known: it is not in ECR"
    account, repository, tag, digest = found.groups()
    asked = {"imageTag": tag} if tag else {"imageDigest": digest}
    try:
        await call(client("ecr"), "describe_images", registryId=account, repositoryName=repository, imageIds=[asked])
    except TerraformError as error:
        if error.extra.get("code") in _MISSING:
            return f"{NO_GO}image {image} is missing; expected it in its repository: build and push it (docs/images.md)"
        return f"image {image}: not known: {error.detail}"
    return f"image {image}: there"
