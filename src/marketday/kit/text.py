"""Bring text that is stored, compared or searched into one form.

The same word is written in more than one way: `é` is one character or two, a keyboard writes letters in full width, a
cell ends with a space.

- `clean`: text that people read, such as a title: composed (NFC), no space around it, no marks that change its
  direction.
- `identifier`: a SKU, a handle, an e-mail address: as `clean`; full-width and half-width letters become ordinary
  ones, invisible marks go, a run of spaces is one space. Upper and lower case stay apart.
- `folded`: what is compared or searched: as `identifier`; upper and lower case, and characters that only look
  different (NFKC), are one.

Each of them gives the same again when it is applied to its own answer.
"""

import unicodedata

# Zero-width space, soft hyphen, word joiner, byte order mark, and the marks of writing direction. The joiners U+200C
# and U+200D stay: Persian, Hindi and many emoji are not the same without them.
_OVERRIDES = (*range(0x202A, 0x202F), *range(0x2066, 0x206A))  # they change the direction of the text after them
_DIRECTIONS = (0x200E, 0x200F, *_OVERRIDES)
_WITHOUT_OVERRIDES = dict.fromkeys(_OVERRIDES)
_INVISIBLE = dict.fromkeys((0x00AD, 0x200B, 0x2060, 0xFEFF, *_DIRECTIONS))
# Letters and signs that show nothing: fillers of Hangul, the empty pattern of Braille.
_EMPTY_SIGNS = frozenset({0x115F, 0x1160, 0x3164, 0xFFA0, 0x2800})
_WIDTHS = frozenset({"<wide>", "<narrow>"})
_UNUSABLE = frozenset({"Cc", "Cs", "Zl", "Zp"})


def clean(text: str) -> str:
    """Return `text` composed, without spaces around it and without marks that change its direction."""
    return unicodedata.normalize("NFC", text.translate(_WITHOUT_OVERRIDES)).strip()


def identifier(text: str) -> str:
    """Return `text` as a name that is unique by its letters, upper and lower case apart."""
    ordinary = "".join(_ordinary_width(letter) for letter in text.translate(_INVISIBLE))
    return " ".join(unicodedata.normalize("NFC", ordinary).split())


def folded(text: str) -> str:
    """Return `text` as it is compared and searched."""
    return identifier(_compatible(_compatible(identifier(text))))


def unusable(text: str) -> str:
    """Return the first character that no name may hold, such as a line break; empty where there is none."""
    return next((letter for letter in text if unicodedata.category(letter) in _UNUSABLE), "")


def is_blank(text: str) -> bool:
    """Whether people see nothing of `text`: spaces, invisible marks, and marks on no letter."""
    return all(unicodedata.category(letter)[0] in "CMZ" or ord(letter) in _EMPTY_SIGNS for letter in text)


def is_path_step(text: str) -> bool:
    """Whether a browser takes `text`, or a part of it between slashes, for a step in a path, and goes elsewhere."""
    return any(part in (".", "..") for part in text.replace("\\", "/").split("/"))


def counted(count: int, noun: str) -> str:
    """Return a number with its English noun, such as `1 unit` or `2 units`."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def _compatible(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


def _ordinary_width(letter: str) -> str:
    kind, _, code = unicodedata.decomposition(letter).partition(" ")
    return chr(int(code, 16)) if kind in _WIDTHS else letter
