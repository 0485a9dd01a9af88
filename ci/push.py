"""Push: what passed the scan goes to the registry, by the digest that was scanned."""

from ci.stage import FOLDER, Stopped, built, head, layout, main, read, registry, run, write


def scanned() -> dict[str, str]:
    """Return the digests that passed the scan; stop if one that was built is not among them."""
    passed = read(FOLDER / "scanned.json", "ci/09-scan")
    images = built()
    if lacking := sorted(name for name, digest in images.items() if passed.get(name) != digest):
        raise Stopped(f"{', '.join(lacking)} did not pass the scan; run ci/09-scan, and push nothing before")
    return images


def work() -> str:
    """Push all images."""
    images, commit = scanned(), head()
    place, tls = registry()
    for name, digest in images.items():
        target = f"{place}/marketday/{name}"
        options = [f"--dest-{one.removeprefix('--')}" for one in tls]
        source = f"oci:{layout(name)}:{name}"
        run("skopeo", "copy", "--quiet", "--preserve-digests", *options, source, f"docker://{target}:{commit}")
        run("skopeo", "inspect", "--raw", *tls, f"docker://{target}@{digest}")  # the registry knows it by this digest
    write("pushed.json", {name: f"{place}/marketday/{name}@{digest}" for name, digest in images.items()})
    return f"{len(images)} images with the tag {commit}"


if __name__ == "__main__":
    main(work)
