"""``atlas link``: which keywords of two thesauri may mean the same, for a person to judge.

A proposal is a candidate: nobody asserts it, and nothing of it is served. See ``link_folder`` for
where it is written, and ``link_accepting`` for what becomes of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from pyoxigraph import NamedNode

from atlas.errors import UnknownName, UsageError, shown
from atlas.settings import Settings
from federation.sites.partners import PartnerFolder
from loaders.harvests.declaring import graph_name
from loaders.linking.files import (
    Row,
    read_csv,
    row,
    write_csv,
    write_turtle,
)
from loaders.linking.folder import alone, current, decisions, sources
from loaders.linking.matching import matches
from loaders.linking.thesaurus import MATCHES, has_codes, has_keywords, read
from loaders.sources import LANGUAGES
from store import LocalEngine

# Below this a proposal is as often wrong as right: see docs/federation.md, "Linking keywords".
MINIMUM = 0.6
STATED = "SELECT ?s ?o WHERE {{ VALUES ?p {{ {} }} GRAPH ?g {{ ?s ?p ?o }} }}"


@dataclass(frozen=True)
class Options:
    """``minimum``: the lowest score proposed. ``across``: see ``link_matching``."""

    minimum: float = MINIMUM
    languages: Sequence[str] = LANGUAGES
    across: bool = False
    dry: bool = False


@dataclass(frozen=True)
class Proposed:
    """What is proposed of two graphs. ``lower``: how many more have a lower score."""

    graphs: tuple[str, str]
    rows: Sequence[Row]
    lower: int = 0
    decided: int = 0
    files: Sequence[Path] = ()


def propose(
    settings: Settings,
    name: str,
    others: Sequence[str],
    options: Options,
    *,
    say: Callable[[str], None],
) -> Iterator[Proposed]:
    """Compare the keywords of a graph with those of others, by default of all that have some.

    Raises UnknownName, UsageError for graphs that are not here or hold nothing to compare;
    MalformedSource for a file of proposals, or of decisions, that cannot be read.
    """
    served = current(settings)
    graphs = sources(served)
    engine = LocalEngine(served.store)
    chosen = _graph(name, graphs, settings)
    wanted = [_graph(each, graphs, settings) for each in others]
    if chosen in wanted:
        raise UsageError(f"{chosen} cannot be linked with itself; name another graph.")
    say(f"{chosen}: reading its keywords")
    mine = read(engine, chosen, graphs[chosen]["graph"])
    if not mine.keywords:
        raise UsageError(
            f"The graph {chosen} has no keyword (nothing with a skos:prefLabel) and no INSEE code."
        )
    with alone(settings) as folder:
        decided = {each.pair for each in decisions(folder)}
        stated = _stated(engine) | decided
        for other in wanted or _comparable(engine, graphs, chosen):
            say(f"{chosen} and {other}: comparing")
            theirs = read(engine, other, graphs[other]["graph"])
            found = matches(mine, theirs, options.languages, across=options.across)
            rows = [row(each, (chosen, other), options.languages) for each in found]
            new = [each for each in rows if each.pair not in stated]
            high = [each for each in new if each.score >= options.minimum]
            proposed = Proposed((chosen, other), high, len(new) - len(high), len(rows) - len(new))
            yield proposed if options.dry else _written(proposed, folder, settings.base, decided)


def _written(proposed: Proposed, folder: Path, base: str, decided: set[frozenset[str]]) -> Proposed:
    """The files; what a person has decided in the one that is there stays."""
    stem = "--".join(proposed.graphs)
    table, turtle = folder / f"{stem}.csv", folder / f"{stem}.ttl"
    waiting: dict[frozenset[str], Row] = {}
    if table.exists():
        waiting = {each.pair: each for each in read_csv(table) if each.decision}
    rows = [_kept(each, waiting.pop(each.pair, None)) for each in proposed.rows]
    rows += [each for pair, each in waiting.items() if pair not in decided]
    write_csv(rows, table)
    write_turtle(rows, turtle, base)
    return replace(proposed, rows=rows, files=(table, turtle))


def _kept(each: Row, judged: Row | None) -> Row:
    if judged is None:
        return each
    return replace(each, decision=judged.decision, relation=judged.relation)


def _graph(name: str, graphs: Mapping[str, Any], settings: Settings) -> str:
    """The name of the graph of a partner, or of one that is here."""
    for each in (graph_name(name), name):
        if each in graphs:
            return each
    if name in PartnerFolder(settings.home).all():
        raise UsageError(f"Nothing was harvested of {name} yet; run atlas harvest {name} first.")
    known = ", ".join(sorted(graphs))
    raise UnknownName(f"There is no partner and no graph {shown(name)}; there are: {known}.")


def _comparable(engine: LocalEngine, graphs: Mapping[str, Any], chosen: str) -> list[str]:
    """The graphs with keywords, and, where the chosen one has INSEE codes, those with codes.

    Invented examples are linked only where they are named.
    """
    codes = has_codes(engine, graphs[chosen]["graph"])
    return [
        name
        for name, entry in graphs.items()
        if name != chosen
        and entry["publish"] != "illustrative"
        and (has_keywords(engine, entry["graph"]) or (codes and has_codes(engine, entry["graph"])))
    ]


def _stated(engine: LocalEngine) -> set[frozenset[str]]:
    """The pairs that some graph says to match."""
    query = STATED.format(" ".join(str(predicate) for predicate in MATCHES))
    pairs = ((row["s"], row["o"]) for row in engine.solutions(query))
    return {
        frozenset((one.value, other.value))
        for one, other in pairs
        if isinstance(one, NamedNode) and isinstance(other, NamedNode)
    }
