"""One module per kind of source.

A reader has two functions. ``read_rows(source, problems)`` does the reading: it yields typed rows
and reports a row that cannot be used to ``problems``. ``to_quads(rows, source)`` is pure: it yields
the quads of ``source.graph``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from importlib import import_module
from typing import Any, Protocol, cast

from pyoxigraph import Quad

from loaders.kinds import KINDS, OWN
from loaders.rows import Problems
from loaders.sources import Source


class Reader(Protocol):
    """What the module of a kind offers."""

    def read_rows(self, source: Source, problems: Problems) -> Iterator[Any]: ...

    def to_quads(self, rows: Iterable[Any], source: Source) -> Iterator[Quad]: ...


def reader(kind: str) -> Reader:
    """The module that reads sources of this kind."""
    return cast(Reader, import_module((KINDS | OWN)[kind]))
