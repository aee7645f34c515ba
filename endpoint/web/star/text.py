"""How wide a text is about, and where its lines break: for drawings made without a browser."""

from __future__ import annotations

import re
from unicodedata import category, east_asian_width

# How wide letters are in parts of their size, as in the widest of the fonts that a page may get
# (DejaVu Serif): with any other a text takes less room than was kept for it, never more.
ADVANCES = {
    0.20: "\u202f",
    0.34: "ijl.,:;'’‘|·/- \u00a0îïíì",
    0.41: "ftIJ!()[]ÎÏÍ",
    0.52: "rsz“”?°–",
    0.57: "cvxyç",
    0.60: "aeéèêëàâáäå«»",
    0.65: "bdghknopquôùûüöóòúñ0123456789LZ",
    0.75: "ABEFKPRSTVXYÀÂÁÄÉÈÊË",
    0.88: "CDGHNOQUwÇÔÖÓÙÛÜÚÑ&",
    1.02: "mM@%—…œæW",
    1.15: "ŒÆ",
}
ADVANCE = {letter: part for part, letters in ADVANCES.items() for letter in letters}
CAPITAL, USUAL, SYMBOL = 0.84, 0.65, 1.25
# Faces against that one: the names; the centre, in bold; the verbs, in bold without serifs.
SERIF, BOLD, VERB = 1.0, 1.1, 1.1
WORDS, HYPHENED = re.compile(r" +|[^ ]+"), re.compile(r" +|[^ -]*-|[^ -]+")


def width(text: str, size: float, face: float = SERIF) -> float:
    """Pixels that a text takes in letters of a size."""
    known = ADVANCE.get
    return face * size * sum([known(character) or _part(character) for character in text])


def lines(
    text: str, room: float, size: float, face: float = SERIF, *, most: int = 3
) -> tuple[str, ...]:
    """The text in at most so many lines that fit the room; what does not fit ends in an ellipsis.

    Breaks at spaces; a word that is longer than a line breaks after a hyphen, else anywhere. Always
    at least one line.
    """
    # Nobody reads further; what is left out can be read where the name leads.
    text = text[: most * 100]
    if width(text.rstrip(), size, face) <= room:
        return (text.strip(),)
    pieces = [
        piece
        for word in WORDS.findall(text)
        for piece in ([word] if width(word, size, face) <= room else HYPHENED.findall(word))
    ]
    done: list[str] = []
    line = ""
    while pieces:
        piece = pieces.pop(0)
        if width((line + piece).rstrip(), size, face) <= room:
            line += piece
            continue
        if line.strip():
            pieces.insert(0, piece.lstrip())
        else:
            line = _fitting(piece, room, size, face)
            pieces.insert(0, piece[len(line) :])
        done.append(line.strip())
        line = ""
        if len(done) == most:
            return (*done[:-1], _ending(done[-1], room, size, face))
    if line.strip() or not done:
        done.append(line.strip())
    return tuple(done)


def _ending(line: str, room: float, size: float, face: float) -> str:
    """The last line where more would follow: cut at a word if that leaves half of it."""
    kept = _fitting(line, room - size, size, face)
    if kept != line and " " in kept[len(kept) // 2 :]:
        kept = kept.rpartition(" ")[0]
    return f"{kept.rstrip(' ,;:')}…"


def _fitting(text: str, room: float, size: float, face: float) -> str:
    """As much of the text as fits: at least one character."""
    taken = 0.0
    for index, character in enumerate(text):
        taken += face * size * _part(character)
        if taken > room and index:
            return text[:index]
    return text


def _part(character: str) -> float:
    if character in ADVANCE:
        return ADVANCE[character]
    kind = category(character)
    if kind.startswith(("M", "C")):
        return 0.0
    if east_asian_width(character) in "WF" or kind == "So":
        return SYMBOL
    return CAPITAL if kind == "Lu" else USUAL
