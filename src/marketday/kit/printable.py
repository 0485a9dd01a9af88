"""Makes foreign text safe for a log, a terminal and a message."""

LONGEST = 400  # characters


def printable(text: object, longest: int = LONGEST) -> str:
    """Return `text` on one line, cut to `longest` characters; characters that cannot be printed are replaced.

    Texts from a database of the event plane are written to logs, terminals and messages. A terminal would obey control
    characters in them.
    """
    whole = str(text)
    shown = "".join(character if character.isprintable() else "\ufffd" for character in whole[:longest])
    return shown if len(whole) <= longest else f"{shown}..."
