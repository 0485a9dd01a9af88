"""Containers as a task definition or a pod describes them, started with what the cluster would give them."""

import re
import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from marketday.provisioners.local.ports import free_ports

from . import bubble
from .oci import Image

Object = Mapping[str, Any]
ImageOf = Callable[[str], Image]
PORT = 8080
MEMORY = "/dev/shm"  # noqa: S108 - where every container may write, though its root is read-only
CONFINED = {"allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True, "capabilities": {"drop": ["ALL"]}}


@dataclass(frozen=True)
class Container:
    """One container; `bubble` confines each in the same way, so what is described has to be that."""

    image: Image
    command: list[str]
    environment: dict[str, str]
    user: str
    stop_seconds: float
    mounts: dict[str, Path] = field(default_factory=dict)  # of this machine, by their places in the container
    writable: tuple[str, ...] = (MEMORY,)
    probe: list[str] | None = None

    @property
    def _how(self) -> dict[str, Any]:
        assert self.user == self.image.config["User"]
        return {"user": self.user, "mounts": self.mounts, "writable": self.writable}

    @property
    def words(self) -> list[str]:
        """What is started: the image's entry point and the command."""
        return [*self.image.config["Entrypoint"], *self.command]

    def run(self, words: list[str] | None = None, given: str = "") -> subprocess.CompletedProcess[str]:
        """Run it, or other words in its place, to the end."""
        return bubble.run(self.image, words or self.words, self.environment, given, **self._how)

    @contextmanager
    def running(self, folder: Path) -> Iterator[bubble.Running]:
        """Run it. It gets a port of its own, because all containers here share one address."""
        assert f"{PORT}/tcp" in self.image.config["ExposedPorts"]
        assert self.environment["MARKETDAY_PORT"] == str(PORT)
        assert self.environment["MARKETDAY_HOST"] == "0.0.0.0"
        own = {"MARKETDAY_HOST": "127.0.0.1", "MARKETDAY_PORT": str(free_ports(1)[0])}
        log = folder / f"{self.image.name}.log"
        with bubble.running(self.image, self.words, self.environment | own, log, **self._how) as container:
            yield container

    def is_healthy(self, container: bubble.Running) -> bool:
        """Run the description's own probe inside the container."""
        assert self.probe
        port = container.url.rpartition(":")[2]
        return container.run_inside([re.sub(rf"\b{PORT}\b", port, word) for word in self.probe], self.user) == 0


def of_task(image_of: ImageOf, definition: Object, secrets: Mapping[str, str]) -> Container:
    """Return a container of a task definition; `secrets` are values by ARN."""
    assert definition["readonlyRootFilesystem"] is True
    assert definition["linuxParameters"]["capabilities"] == {"drop": ["ALL"]}
    plain = {pair["name"]: pair["value"] for pair in definition["environment"]}
    hidden = {pair["name"]: secrets[pair["valueFrom"]] for pair in definition["secrets"]}
    assert not set(plain) & set(hidden)
    if "portMappings" in definition:
        assert [each["containerPort"] for each in definition["portMappings"]] == [PORT]
    kind, *probe = definition.get("healthCheck", {}).get("command", ["CMD"])
    assert kind == "CMD", "an image has no shell"
    return Container(
        image_of(definition["image"].rpartition("/")[2].partition(":")[0]),
        definition["command"],
        plain | hidden,
        definition["user"],
        definition.get("stopTimeout", 30),
        probe=probe,
    )


def of_pod(
    image_of: ImageOf, objects: list[Object], workload: str, secrets: Mapping[str, str], files: Mapping[str, Path]
) -> Container:
    """Return the container of a Deployment or Job.

    `secrets` are values by the keys that ExternalSecrets write; `files` are folders of this machine by volume, and
    volumes that are no such folder are empty and writable.
    """
    kind, _, name = workload.partition("/")
    named = {(one["kind"], one["metadata"]["name"]): one for one in objects}
    pod = named[kind, name]["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    context = pod["securityContext"]
    assert context["runAsNonRoot"]
    assert container["securityContext"] == CONFINED
    environment: dict[str, str] = {}
    for source in container["envFrom"]:
        if "configMapRef" in source:
            environment |= named["ConfigMap", source["configMapRef"]["name"]]["data"]
        else:
            environment |= {key: secrets[key] for key in keys_of(named["ExternalSecret", source["secretRef"]["name"]])}
    places = {each["name"]: each["mountPath"] for each in container.get("volumeMounts", [])}
    own = {volume["name"] for volume in pod.get("volumes", []) if "emptyDir" in volume}
    assert set(places) == own | (set(places) & set(files)), "each volume is a folder here, or an empty one"
    return Container(
        image_of(container["image"].rpartition("/")[2].partition("@")[0].partition(":")[0]),
        container["args"],
        environment,
        f"{context['runAsUser']}:{context['runAsGroup']}",
        pod.get("terminationGracePeriodSeconds", 30),
        mounts={place: files[volume] for volume, place in places.items() if volume in files},
        writable=(MEMORY, *(places[volume] for volume in own)),
    )


def keys_of(secret: Object) -> list[str]:
    """Return the keys that an ExternalSecret writes."""
    spec = secret["spec"]
    written = spec.get("target", {}).get("template", {}).get("data", {})
    return [*written] or [each["secretKey"] for each in spec["data"]]
