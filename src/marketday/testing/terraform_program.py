"""A program that stands in for Terraform, found by the PATH, where a test drives what starts it."""

from collections.abc import Callable
from pathlib import Path

OUTPUTS = {"public_url": "https://event.example.com"}  # those that are no secret
PROGRAM = r"""#!/bin/sh
# Writes down what it is asked, fails where the file `fail` says so, hangs where `hang` does.
folder=$(dirname "$0")
case "$1" in -chdir=*) shift ;; esac
echo "$1" >> "$folder/calls"
if [ "$1" = "$(cat "$folder/hang" 2> /dev/null)" ]; then
    echo $PPID $$ > "$folder/hung.new" && mv "$folder/hung.new" "$folder/hung"
    while :; do sleep 0.1; done
fi
if [ "$1" = "$(cat "$folder/fail" 2> /dev/null)" ]; then
    echo half of what it shows
    cat "$folder/words" >&2
    exit 1
fi
for each in "$@"; do
    case "$each" in -out=*) echo a plan > "${each#-out=}" ;; esac
done
case "$1" in
    state) printf '  "serial": 4,\n  "lineage": "a-b-c",\n' ;;
    show) echo '{"resource_changes": [{"address": "aws_vpc.this", "change": {"actions": ["create"]}}]}' ;;
    apply) echo 'aws_vpc.this: Creation complete after 1s' ;;
    output)
        echo '{"public_url": {"value": "https://event.example.com"},'
        echo '"password": {"value": "kept", "sensitive": true}}'
        ;;
esac
"""


class StandIn:
    """The program in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        """Write it into `folder`, which is there."""
        self.folder = folder
        self.program = folder / "terraform"
        self.program.write_text(PROGRAM)
        self.program.chmod(0o755)

    @property
    def calls(self) -> list[str]:
        """What it was asked."""
        file = self.folder / "calls"
        return file.read_text().split() if file.exists() else []

    def fails(self, at: str, words: str = "") -> Callable[[], None]:
        """Let it fail when it is asked for `at`, saying `words`, until what is returned is called."""
        (self.folder / "words").write_text(words)
        return self._until("fail", at)

    def hangs(self, at: str) -> Callable[[], None]:
        """Let it hang when it is asked for `at`, until what is returned is called."""
        return self._until("hang", at)

    @property
    def hung(self) -> list[int]:
        """The ids of the process that hangs and of its parent; none before it does."""
        file = self.folder / "hung"
        return [int(process) for process in file.read_text().split()] if file.exists() else []

    def forget(self) -> None:
        """Make it as it was when it was written."""
        for name in ("calls", "fail", "words", "hang", "hung"):
            (self.folder / name).unlink(missing_ok=True)

    def _until(self, name: str, at: str) -> Callable[[], None]:
        (self.folder / name).write_text(at)
        return (self.folder / name).unlink
