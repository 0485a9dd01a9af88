"""Brings text that is stored, compared or searched into one form.

The same word can be written in more than one way: `é` can be one character or two, a keyboard may write letters in full
width, a cell may end with a space.

- `clean`, for text that people read, such as a title: composed (NFC), without spaces around it, without marks that
  change its direction.
- `identifier`, for a SKU, a handle or an e-mail address: like `clean`; also full-width and half-width letters become
  ordinary ones, invisible marks are removed, and several spaces become one. Upper and lower case stay different.
- `folded`, for text that is compared or searched: like `identifier`; also upper and lower case become the same, and so
  do characters that only look different (NFKC).

Applying one of them again to its own result changes nothing.
"""

import unicodedata

# Zero-width space, soft hyphen, word joiner, byte order mark, and the marks of writing direction. The joiners U+200C
# and U+200D stay: Persian, Hindi and many emoji are not the same without them.
_OVERRIDES = (*range(0x202A, 0x202F), *range(0x2066, 0x206A))  # they change the direction of the text after them
_DIRECTIONS = (0x200E, 0x200F, *_OVERRIDES)
_WITHOUT_OVERRIDES = dict.fromkeys(_OVERRIDES)
_INVISIBLE = dict.fromkeys((0x00AD, 0x200B, 0x2060, 0xFEFF, *_DIRECTIONS))
# Letters and signs that are invisible: fillers of Hangul, the empty pattern of Braille.
_EMPTY_SIGNS = frozenset({0x115F, 0x1160, 0x3164, 0xFFA0, 0x2800})
_WIDTHS = frozenset({"<wide>", "<narrow>"})
_UNUSABLE = frozenset({"Cc", "Cs", "Zl", "Zp"})


def clean(text: str) -> str:
    """Return `text` composed, without spaces around it and without marks that change its direction."""
    return unicodedata.normalize("NFC", text.translate(_WITHOUT_OVERRIDES)).strip()


def identifier(text: str) -> str:
    """Return `text` as a name that is unique by its letters; upper and lower case stay different."""
    ordinary = "".join(_ordinary_width(letter) for letter in text.translate(_INVISIBLE))
    return " ".join(unicodedata.normalize("NFC", ordinary).split())


def folded(text: str) -> str:
    """Return `text` in the form for comparing and searching."""
    return identifier(_compatible(_compatible(identifier(text))))


def unusable(text: str) -> str:
    """Return the first character that a name may not contain, such as a line break; empty if there is none."""
    return next((letter for letter in text if unicodedata.category(letter) in _UNUSABLE), "")


def is_blank(text: str) -> bool:
    """Whether `text` is invisible: only spaces, invisible marks, and marks without a letter."""
    return all(unicodedata.category(letter)[0] in "CMZ" or ord(letter) in _EMPTY_SIGNS for letter in text)


def is_path_step(text: str) -> bool:
    """Whether a browser reads `text`, or a part of it between slashes, as a step to another folder, such as `..`."""
    return any(part in (".", "..") for part in text.replace("\\", "/").split("/"))


def counted(count: int, noun: str) -> str:
    """Return a number with its English noun, such as `1 unit` or `2 units`."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def _compatible(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


def _ordinary_width(letter: str) -> str:
    kind, _, code = unicodedata.decomposition(letter).partition(" ")
    return chr(int(code, 16)) if kind in _WIDTHS else letter
