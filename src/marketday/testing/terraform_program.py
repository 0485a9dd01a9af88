"""A program that replaces Terraform in tests of code that starts it by the PATH."""

from collections.abc import Callable
from pathlib import Path

OUTPUTS = {"public_url": "https://event.example.com"}  # the outputs that are not secret
PROGRAM = r"""#!/bin/sh
# Writes each subcommand into the file `calls`. Fails at the subcommand in the file `fail`, hangs at the one in `hang`.
# The program `made`, if there is one, makes and removes what the stacks have, and prints their outputs.
folder=$(dirname "$0")
case "$1" in -chdir=*) stack=${1##*/} && shift ;; esac
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
    apply | output | destroy) [ ! -x "$folder/made" ] || exec "$folder/made" "$1" "$stack" ;;
esac
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
        """Write the program into `folder`, which must exist."""
        self.folder = folder
        self.program = folder / "terraform"
        self.program.write_text(PROGRAM)
        self.program.chmod(0o755)

    @property
    def calls(self) -> list[str]:
        """The subcommands with which it was called, in order."""
        file = self.folder / "calls"
        return file.read_text().split() if file.exists() else []

    def fails(self, at: str, words: str = "") -> Callable[[], None]:
        """Let the subcommand `at` fail with the message `words`, until the returned function is called."""
        (self.folder / "words").write_text(words)
        return self._until("fail", at)

    def hangs(self, at: str) -> Callable[[], None]:
        """Let the subcommand `at` hang, until the returned function is called."""
        return self._until("hang", at)

    @property
    def hung(self) -> list[int]:
        """The ids of the parent and of the process that hangs; empty before it hangs."""
        file = self.folder / "hung"
        return [int(process) for process in file.read_text().split()] if file.exists() else []

    def forget(self) -> None:
        """Remove all recorded calls, and let nothing fail or hang any more."""
        for name in ("calls", "fail", "words", "hang", "hung"):
            (self.folder / name).unlink(missing_ok=True)

    def _until(self, name: str, at: str) -> Callable[[], None]:
        (self.folder / name).write_text(at)
        return (self.folder / name).unlink
