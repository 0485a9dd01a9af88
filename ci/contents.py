"""SBOM: the list of what is in each image, made by syft from what the registry gave for the digest."""

from typing import Any

from ci.stage import Stopped, built, layout, main, read, run, tool, write

EXPECTED = ("pkg:pypi/marketday@", "pkg:deb/debian/")


def check(name: str, listed: dict[str, Any]) -> int:
    """Return how many packages a list has; stop if it lacks what each image has."""
    packages = [each.get("purl", "") for each in listed.get("components", [])]
    if missing := [begin for begin in EXPECTED if not any(each.startswith(begin) for each in packages)]:
        raise Stopped(f"the list of {name} has no {' and no '.join(missing)}; expected all that is in the image")
    return sum(bool(each) for each in packages)


def work() -> str:
    """List all images."""
    syft = tool(".venv-images/bin/syft", ".venv-images/.installed")
    counts = []
    for name, digest in built().items():
        file = write(f"{name}.sbom.json", {})
        run(syft, "scan", f"oci-dir:{layout(name)}", "--quiet", "-o", f"cyclonedx-json={file}")
        counts.append(f"{name} {check(name, read(file, 'ci/08-sbom'))} packages ({digest[:19]})")
    return ", ".join(counts)


if __name__ == "__main__":
    main(work)
