"""The kinds of sources, and the module that reads each.

A loader module has two functions. ``read_rows(source, problems)`` does the reading: it yields typed
rows and reports a row that cannot be used to ``problems``. ``to_quads(rows, source)`` is pure: it
yields the quads of ``source.graph``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from importlib import import_module
from typing import TYPE_CHECKING, Any, Protocol, cast

from pyoxigraph import Quad

if TYPE_CHECKING:
    from loaders.rows import Problems
    from loaders.sources import Source

# kind in sources.toml -> module, imported only when a source of that kind is read.
KINDS = {
    "france_map": "loaders.france_map",
    "banatic": "loaders.banatic",
    "rdf_file": "loaders.rdf_file",
    "scrutari": "loaders.scrutari",
    "oai_pmh": "loaders.oai_pmh",
    "tables": "loaders.tables",
    "schemes": "loaders.schemes",
}
# The build's own: not for sources.toml.
OWN = {"ontology": "loaders.ontology_files"}


class Loader(Protocol):
    """What a loader module offers."""

    def read_rows(self, source: Source, problems: Problems) -> Iterator[Any]: ...

    def to_quads(self, rows: Iterable[Any], source: Source) -> Iterator[Quad]: ...


def loader(kind: str) -> Loader:
    """The module that reads sources of this kind."""
    return cast(Loader, import_module((KINDS | OWN)[kind]))
