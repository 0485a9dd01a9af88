"""The name of a branch's folder. Pure.

Git allows nearly everything in a branch's name: slashes, Korean, 200 characters, `-rf`. The folder's name has only
small letters, digits and hyphens, begins with a letter, and ends in a part of the branch's SHA-256: so two branches
never get the same folder, also if their names differ only in the case, or where they were shortened.
"""

import hashlib
import re

MOST_CHARACTERS = 20  # of what is taken from the branch's name
_HASH_CHARACTERS = 10
_FOLDER = re.compile(rf"b-(?:[a-z0-9-]{{1,{MOST_CHARACTERS}}}-)?[0-9a-f]{{{_HASH_CHARACTERS}}}")


def folder_name(branch: str) -> str:
    """Return the name of the folder of `branch`, always the same."""
    digest = hashlib.sha256(branch.encode("utf-8", "surrogateescape")).hexdigest()[:_HASH_CHARACTERS]
    readable = re.sub(r"[^a-z0-9]+", "-", branch.lower()).strip("-")[:MOST_CHARACTERS].strip("-")
    return f"b-{readable}-{digest}" if readable else f"b-{digest}"


def is_folder_name(name: str) -> bool:
    """Whether `name` may have been made by `folder_name`."""
    return _FOLDER.fullmatch(name) is not None
