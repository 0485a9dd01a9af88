"""Make foreign text safe for a log, a terminal and a message."""

LONGEST = 400  # characters


def printable(text: object, longest: int = LONGEST) -> str:
    """Return `text` on one line, cut to `longest` characters, with what is not printable replaced.

    What a database of the event plane says ends in logs, terminals and messages, where control characters would be
    obeyed.
    """
    whole = str(text)
    shown = "".join(character if character.isprintable() else "\ufffd" for character in whole[:longest])
    return shown if len(whole) <= longest else f"{shown}..."
