"""The notes of a release, as Markdown: what changes, what is in the folder, and how a stranger checks it."""

from release.signed import SIGNATURE, SUMS
from release.source import Commit

HOW_TO_CHECK = f"""\
base64 -d {SIGNATURE} | openssl dgst -sha256 -verify ../release.pub -signature /dev/stdin {SUMS}
sha256sum --check {SUMS}
"""


def notes(commit: Commit) -> str:
    """Return the notes."""
    stem = f"marketday-{commit.version}"
    return f"""\
# Marketday {commit.version}

Commit {commit.id}

{commit.notes}

## Files

| file | what |
| --- | --- |
| `{stem}-source.tar.gz` | every file of the commit |
| `{stem}.tar.gz` | the source distribution, of which the wheel is built |
| `{stem}-py3-none-any.whl` | the wheel |
| `{stem}-requirements.lock` | what it was tested with, for one machine, with hashes |

## Check it

`../release.pub` is our public key; take it from another place than these files.

```sh
{HOW_TO_CHECK}```

## Install it

```sh
python3 -m venv marketday
marketday/bin/pip install --require-hashes -r {stem}-requirements.lock
marketday/bin/pip install --no-deps {stem}-py3-none-any.whl
marketday/bin/marketday demo
```

Upgrading, and going back: docs/releases.md in the source.
"""
