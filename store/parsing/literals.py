"""Which literals the engine gives back in another form than they were written."""

from __future__ import annotations

import re

from pyoxigraph import Literal, NamedNode

from atlas.namespaces import XSD

# The forms that the engine gives back as they are, of the types it keeps as values. A literal of
# another type of XSD's own is taken as changed: one candidate too many costs little.
CANONICAL = {
    NamedNode(XSD + name): re.compile(pattern)
    for name, pattern in {
        "integer": r"0|-?[1-9]\d{0,17}",
        "decimal": r"(?!-0$)-?(0|[1-9]\d{0,14})(\.\d{0,14}[1-9])?",
        "boolean": r"true|false",
        "date": r"\d{4}-\d\d-\d\d",
        "gYear": r"\d{4}",
        "gYearMonth": r"\d{4}-\d\d",
        "dateTime": r"\d{4}-\d\d-\d\dT([01]\d|2[0-3]):\d\d:\d\d(\.\d*[1-9])?Z?",
    }.items()
}
KEPT = {NamedNode(XSD + name) for name in ("string", "anyURI", "hexBinary", "base64Binary")}


def may_change(literal: Literal) -> bool:
    """Whether the engine may give this literal back in another form or type."""
    kind = literal.datatype
    if kind in KEPT:
        return False
    canonical = CANONICAL.get(kind)
    if canonical:
        return not canonical.fullmatch(literal.value)
    return kind.value.startswith(XSD)
