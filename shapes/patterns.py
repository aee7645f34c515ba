"""Which regular expressions mean the same to the engine (Rust) and to the judge (Python)."""

from __future__ import annotations

import re

CLASS = r"\[\^?(?:[A-Za-z0-9 _.,:;/@#%'+*()!?=<>-]|\\[-\\\].^/+*()])+\]"
ATOM = rf"(?:[A-Za-z0-9 _,:;/@#%'!=<>\"-]|\.|\\[.\\/+*?()\[\]{{}}|^$-]|{CLASS})"
QUANTIFIER = r"(?:[*+?]|\{[0-9]{1,3}(?:,[0-9]{0,3})?\})?"
PIECE = re.compile(rf"{ATOM}{QUANTIFIER}|\^|\$|\|")
GROUP = re.compile(rf"\((?:\?:)?((?:[^()\\]|\\.)*)\){QUANTIFIER}")


def is_common(expression: str) -> bool:
    """Whether the expression keeps to what both engines read alike.

    That is: ASCII literals, classes, anchors, groups, alternatives, quantifiers. Not: ``\\d`` or
    ``\\w`` (each has its own Unicode), back references, look-around, class operations.
    """
    if "--" in expression or "&&" in expression or "~~" in expression:
        return False
    while match := GROUP.search(expression):
        if not _is_flat(match.group(1)):
            return False
        # A group that has been read stands for one character, with its quantifier taken off.
        expression = f"{expression[: match.start()]}a{expression[match.end() :]}"
    return _is_flat(expression)


def _is_flat(expression: str) -> bool:
    position = 0
    while position < len(expression):
        match = PIECE.match(expression, position)
        if match is None:
            return False
        position = match.end()
    return True
