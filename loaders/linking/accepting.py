"""``atlas link --accept``: matches that a person accepted are published, refusals remembered.

Each two graphs have a graph of their own for them, ``{base}/graph/links-{one}-to-{other}``, as
restricted as the more restricted of the two. The same file again publishes nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from pyoxigraph import Literal, NamedNode, RdfFormat, Triple, parse, serialize

from atlas.errors import UnknownName, UsageError, shown
from atlas.settings import Settings
from loaders import build as building
from loaders import extra, readings
from loaders.build import Built
from loaders.linking.files import NO, RELATIONS, YES, Row, read_csv, statement
from loaders.linking.folder import alone, current, decisions, merged, remember, sources
from loaders.pool import read_all
from loaders.progress import Display
from loaders.sources import NO_LICENCE, PUBLISH
from loaders.terms import DATE, DC, DCTERMS, RDF

TITLE = {
    "fr": "Correspondances acceptées entre {} et {}",
    "en": "Accepted matches between {} and {}",
    "es": "Correspondencias aceptadas entre {} y {}",
}


@dataclass(frozen=True)
class Accepted:
    """What became of the decisions of a file on two graphs; ``built`` is None in a rehearsal."""

    graphs: tuple[str, str]
    accepted: int
    refused: int
    whole: int
    built: Built | None = None


def accept(
    settings: Settings,
    file: Path,
    *,
    by: str = "",
    licence: str = "",
    dry: bool = False,
    display: Display,
) -> Iterator[Accepted]:
    """Publish what is accepted in a file of proposals, and remember what is refused.

    ``by``: who decided, written beside each match with today's date. Raises MalformedSource for a
    file that cannot be understood, UsageError for one without decisions, InvalidData where the
    shapes refuse what is accepted.
    """
    rows = [each for each in read_csv(file) if each.decision]
    if not rows:
        raise UsageError(
            f"In {file} nobody has decided anything: write yes or no in its first column."
        )
    known = sources(current(settings))
    for each in rows:
        for name in each.graphs:
            if name not in known:
                raise UnknownName(
                    f"{file} names the graph {shown(name)}, which is not in the atlas."
                )
    on = date.today().isoformat() if by else ""
    with alone(settings) as folder:
        for pair in sorted({each.graphs for each in rows}):
            decided = [_signed(each, by, on) for each in rows if each.graphs == pair]
            before = decisions(folder)
            publish = max((known[name]["publish"] for name in pair), key=PUBLISH.index)
            work = _Graph(settings, pair, publish, licence, display)
            after = merged(merged(work.published(), before), decided)
            kept = [each for each in after if each.graphs == pair and each.decision == YES]
            done = Accepted(
                pair,
                accepted=sum(each.decision == YES for each in decided),
                refused=sum(each.decision == NO for each in decided),
                whole=len(kept),
            )
            if dry:
                work.rehearse(kept)
                yield done
                continue
            built = work.publish(kept)
            if after != before:
                remember(after, folder)
            yield replace(done, built=built)


def _signed(each: Row, by: str, on: str) -> Row:
    return replace(each, by=by, on=on) if by else each


class _Graph:
    """The graph of what was accepted of two graphs."""

    def __init__(
        self,
        settings: Settings,
        pair: tuple[str, str],
        publish: str,
        licence: str,
        display: Display,
    ) -> None:
        self.settings, self.pair, self.display = settings, pair, display
        self.name = f"links-{pair[0]}-to-{pair[1]}"
        declared = {each["name"]: each for each in extra.entries(settings)}
        self.before = declared.get(self.name)
        licence = licence or (self.before or {}).get("licence", NO_LICENCE)
        self.entry: dict[str, Any] = {
            "name": self.name,
            "kind": "rdf_file",
            "title": {language: text.format(*pair) for language, text in TITLE.items()},
            "version": "",
            "licence": licence,
            # The matches are the operator's own, who states their licence.
            "licence_verified": licence != NO_LICENCE,
            "attribution": "",
            "publish": publish,
        }

    def published(self) -> list[Row]:
        """What is in the graph: whoever has lost what was remembered has not lost that."""
        if not self.before:
            return []
        (path,) = self.before["path"]
        triples = [
            quad.triple
            for quad in parse(path=self.settings.home / path, format=RdfFormat.N_TRIPLES)
        ]
        relations = {predicate: name for name, predicate in RELATIONS.items()}
        said: dict[Any, dict[NamedNode, Any]] = defaultdict(dict)
        for triple in triples:
            said[triple.subject][triple.predicate] = triple.object
        signed = {
            (each[RDF["subject"]], each[RDF["object"]]): each
            for each in said.values()
            if RDF["subject"] in each
        }
        return [
            self._row(triple, relations[triple.predicate], signed)
            for triple in triples
            if triple.predicate in relations
        ]

    def _row(self, triple: Triple, relation: str, signed: Mapping[Any, Any]) -> Row:
        ends = (triple.subject, triple.object)
        by, on = (
            signed[ends][name].value if ends in signed else ""
            for name in (DC["creator"], DCTERMS["date"])
        )
        subject, object = (str(end.value) for end in ends)  # type: ignore[union-attr]
        return Row(subject, object, *self.pair, relation=relation, decision=YES, by=by, on=on)

    def publish(self, rows: Sequence[Row]) -> Built | None:
        """None where nothing was ever accepted."""
        if not rows:
            return self._remove() if self.before else None
        with TemporaryDirectory() as folder:
            file = self._file(rows, Path(folder))
            with extra.keeping(self.entry, [file], self.settings) as source:
                return building.add(self.settings, source, display=self.display)

    def rehearse(self, rows: Sequence[Row]) -> None:
        """Validate them with what is served. Raises InvalidData."""
        if not rows:
            return
        with TemporaryDirectory() as folder:
            entry = {**self.entry, "path": [str(self._file(rows, Path(folder)))]}
            source = extra.source_of(entry, self.settings)
            (planned,) = read_all([readings.plan(source, Path(folder))], self.display)
            building.rehearse(self.settings, planned, display=self.display)

    def _remove(self) -> Built:
        built = building.remove(self.settings, self.name, display=self.display)
        extra.forget(self.name, self.settings)
        return built

    def _file(self, rows: Sequence[Row], folder: Path) -> Path:
        path = folder / f"{self.name}.nt"
        triples = [triple for each in rows for triple in _asserted(each, self.settings.base)]
        serialize(sorted(triples, key=str), str(path), format=RdfFormat.N_TRIPLES)
        return path


def _asserted(each: Row, base: str) -> Iterator[Triple]:
    """The match itself; who accepted it, and when, where that was said."""
    yield each.triple
    if each.by:
        said = list(statement(each, base))
        node = said[0].subject
        yield from said
        yield Triple(node, DC["creator"], Literal(each.by))
        yield Triple(node, DCTERMS["date"], Literal(each.on, datatype=DATE))
