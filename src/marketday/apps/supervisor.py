"""The supervisor of one plane: `python -m marketday.apps.supervisor [--detach] PLANE_FOLDER`."""

import argparse
from pathlib import Path

from marketday.kit.errors import MarketdayError
from marketday.provisioners.local.plane_folder import PlaneFolder
from marketday.provisioners.local.supervisor import supervise


def main() -> None:
    """Run as a command; the exit status is also 0 if the plane has a supervisor already."""
    parser = argparse.ArgumentParser(prog="supervisor", description="Watch over the processes of one plane.")
    parser.add_argument("folder", type=Path, help="the plane's folder, with its plane.json")
    parser.add_argument("--detach", action="store_true", help="continue in the background once the plane is locked")
    arguments = parser.parse_args()
    try:
        supervise(PlaneFolder(arguments.folder.resolve()), detach=arguments.detach)
    except MarketdayError as error:
        parser.error(str(error))


if __name__ == "__main__":
    main()
