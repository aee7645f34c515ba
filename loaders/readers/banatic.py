"""Banatic: which grouping holds which competence, by the lists of 2021 and 2025.

Inputs: ``holdings`` (SIREN, code of the 2021 list), ``groupings`` (SIREN, name, nature),
``crosswalk`` (2021 code, 2025 code, kind of row), ``labels`` (the 2025 list) and ``map``, a vintage
of the map of France that describes the groupings it knows.

The lists use the same codes for other things, so they are two schemes. A 2021
code takes a label only through a one-to-one row in which neither of its codes occurs twice; the
others keep their code. The files say nothing of when a competence was held: no vintage is written.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from pyoxigraph import NamedNode, Quad

from loaders.readers.france_rows import GROUPINGS
from loaders.rows import Problems, csv_rows, json_array
from loaders.sources import Source
from loaders.terms import (
    ATLAS,
    DCTERMS,
    LABEL,
    SKOS,
    TYPE,
    Instances,
    concept,
    text,
    year,
)

SIREN = re.compile(r"\d{9}")
CODE = re.compile(r"\d{4}")
NO_EQUIVALENT = "La table de passage ne lui donne pas d’équivalent dans la liste de 2025."
TITLES = {
    "2021": (
        ("Compétences Banatic, liste de 2021", "fr"),
        ("Banatic competences, list of 2021", "en"),
        ("Competencias Banatic, lista de 2021", "es"),
    ),
    "2025": (
        ("Compétences Banatic, liste de 2025", "fr"),
        ("Banatic competences, list of 2025", "en"),
        ("Competencias Banatic, lista de 2025", "es"),
    ),
}
# Nature of a grouping in Banatic -> its class.
CLASSES = {
    **dict.fromkeys(("CC", "CA", "CU", "METRO", "MET69"), "OwnTaxGrouping"),
    "EPT": "TerritorialPublicEstablishment",
    **dict.fromkeys(("SIVU", "SIVOM", "SMF", "SMO", "PETR", "POLEM"), "Syndicate"),
}


@dataclass(frozen=True, slots=True)
class Grouping:
    """A grouping that the map does not describe; only its SIREN is known where it has no nature."""

    siren: str
    name: str = ""
    nature: str = ""


@dataclass(frozen=True, slots=True)
class Competence:
    """A code of one list, with a label where the list or a one-to-one row gives one."""

    edition: str
    code: str
    label: str = ""


@dataclass(frozen=True, slots=True)
class Passage:
    """A row of the crosswalk; ``new`` is empty where the old code has no equivalent."""

    line: int
    old: str
    new: str = ""
    one_to_one: bool = False


@dataclass(frozen=True, slots=True)
class Holding:
    """That a grouping holds a competence of the 2021 list."""

    siren: str
    code: str


Row = Grouping | Competence | Passage | Holding


def read_rows(source: Source, problems: Problems) -> Iterator[Row]:
    """Both lists, the crosswalk, the groupings and what they hold.

    Raises MalformedSource for a broken file or a missing column, BadRow where the source says stop.
    """
    labels = _labels(source, problems)
    yield from (Competence("2025", code, label) for code, label in labels.items())
    passages = list(_unambiguous(source, problems, _passages(source, problems, labels)))
    yield from passages
    holdings = list(_holdings(source, problems))
    same = {passage.old: labels[passage.new] for passage in passages if passage.one_to_one}
    old = {holding.code for holding in holdings} | {passage.old for passage in passages}
    yield from (Competence("2021", code, same.get(code, "")) for code in sorted(old))
    yield from _groupings(source, problems, {holding.siren for holding in holdings})
    yield from holdings


def _labels(source: Source, problems: Problems) -> dict[str, str]:
    path = source.paths["labels"]
    labels: dict[str, str] = {}
    for line, row in csv_rows(path, ("competenceCode", "intitule"), problems):
        code, label = row["competenceCode"].strip(), row["intitule"].strip()
        if not CODE.fullmatch(code):
            problems.bad(path, line, "competenceCode", code, "a competence's code is four digits.")
        elif not label:
            problems.bad(path, line, "intitule", label, f"the competence {code} has no label.")
        elif code in labels:
            problems.bad(path, line, "competenceCode", code, "this code is in the list already.")
        else:
            labels[code] = label
    return labels


def _passages(source: Source, problems: Problems, labels: dict[str, str]) -> Iterator[Passage]:
    path = source.paths["crosswalk"]
    for line, row in csv_rows(path, ("code_2021", "code_2025", "kind"), problems):
        old, new, kind = row["code_2021"], row["code_2025"], row["kind"]
        if not CODE.fullmatch(old):
            problems.bad(path, line, "code_2021", old, "a competence's code is four digits.")
        elif kind == "no_equivalent":
            yield Passage(line, old)
        elif kind not in ("one_to_one", "split"):
            known = "one_to_one, split, no_equivalent"
            problems.bad(path, line, "kind", kind, f"it is none of {known}.")
        elif new not in labels:
            problems.bad(path, line, "code_2025", new, "this code is not in the 2025 list.")
        else:
            yield Passage(line, old, new, one_to_one=kind == "one_to_one")


def _unambiguous(
    source: Source, problems: Problems, passages: Iterable[Passage]
) -> Iterator[Passage]:
    """The rows, without one-to-one rows that share a code: those are not one-to-one."""
    passages = list(passages)
    old = Counter(row.old for row in passages if row.one_to_one)
    new = Counter(row.new for row in passages if row.one_to_one)
    for row in passages:
        if row.one_to_one and old[row.old] > 1:
            field, code = "code_2021", row.old
        elif row.one_to_one and new[row.new] > 1:
            field, code = "code_2025", row.new
        else:
            yield row
            continue
        reason = "it occurs in two one-to-one rows, so neither is one-to-one."
        problems.bad(source.paths["crosswalk"], row.line, field, code, reason)


def _holdings(source: Source, problems: Problems) -> Iterator[Holding]:
    path = source.paths["holdings"]
    for line, row in csv_rows(path, ("siren", "competence_code"), problems):
        siren, code = row["siren"], row["competence_code"]
        if not SIREN.fullmatch(siren):
            problems.bad(path, line, "siren", siren, "a SIREN is nine digits.")
        elif not CODE.fullmatch(code):
            problems.bad(path, line, "competence_code", code, "a competence's code is four digits.")
        else:
            yield Holding(siren, code)


def _groupings(source: Source, problems: Problems, holders: set[str]) -> Iterator[Grouping]:
    described = _described(source)
    path = source.paths["groupings"]
    for line, row in csv_rows(path, ("siren", "libelle", "nature"), problems):
        siren, name, nature = row["siren"], row["libelle"].strip(), row["nature"]
        if not SIREN.fullmatch(siren):
            problems.bad(path, line, "siren", siren, "a SIREN is nine digits.")
        elif nature not in CLASSES:
            problems.bad(path, line, "nature", nature, f"it is none of {', '.join(CLASSES)}.")
        elif siren not in described:
            described.add(siren)
            yield Grouping(siren, name, nature.lower())
    for siren in sorted(holders - described):
        yield Grouping(siren)


def _described(source: Source) -> set[str]:
    """The groupings that the map describes: two sources must not give one grouping two natures."""
    files = [source.paths["map"] / name for name in GROUPINGS]
    return {row.get("code", "") for file in files if file.exists() for _, row in json_array(file)}


def to_quads(rows: Iterable[Row], source: Source) -> Iterator[Quad]:
    """The graph: two competence lists, groupings and their holdings."""
    writer = Writer(source)
    for edition in TITLES:
        yield from writer.scheme(edition)
    for row in rows:
        if isinstance(row, Holding):
            yield from writer.holding(row)
        elif isinstance(row, Grouping):
            yield from writer.grouping(row)
        elif isinstance(row, Competence):
            yield from writer.competence(row)
        else:
            yield from writer.passage(row)


class Writer:
    """What the quads of the graph have in common."""

    def __init__(self, source: Source) -> None:
        self.graph = NamedNode(source.graph)
        self.instances = Instances(source.base)

    def scheme(self, edition: str) -> Iterator[Quad]:
        scheme = self.instances["competence-list", f"banatic-{edition}"]
        yield Quad(scheme, TYPE, SKOS["ConceptScheme"], self.graph)
        yield Quad(scheme, ATLAS["vintage"], year(edition), self.graph)
        for title, language in TITLES[edition]:
            yield Quad(scheme, DCTERMS["title"], text(title, language), self.graph)

    def competence(self, row: Competence) -> Iterator[Quad]:
        competence, graph = self.code(row.edition, row.code), self.graph
        scheme = self.instances["competence-list", f"banatic-{row.edition}"]
        yield Quad(competence, TYPE, ATLAS["Competence"], graph)
        yield Quad(competence, SKOS["inScheme"], scheme, graph)
        yield Quad(competence, SKOS["notation"], text(row.code), graph)
        if row.label:
            yield Quad(competence, SKOS["prefLabel"], text(row.label, "fr"), graph)

    def passage(self, row: Passage) -> Iterator[Quad]:
        old = self.code("2021", row.old)
        if not row.new:
            yield Quad(old, SKOS["note"], text(NO_EQUIVALENT, "fr"), self.graph)
            return
        match = SKOS["closeMatch" if row.one_to_one else "narrowMatch"]
        yield Quad(old, match, self.code("2025", row.new), self.graph)

    def grouping(self, row: Grouping) -> Iterator[Quad]:
        grouping, graph = self.instances["grouping", row.siren], self.graph
        yield Quad(grouping, TYPE, ATLAS[CLASSES.get(row.nature.upper(), "Grouping")], graph)
        yield Quad(grouping, ATLAS["siren"], text(row.siren), graph)
        if row.name:
            yield Quad(grouping, LABEL, text(row.name, "fr"), graph)
        if row.nature:
            nature = concept("grouping-natures", row.nature)
            yield Quad(grouping, ATLAS["groupingNature"], nature, graph)

    def holding(self, row: Holding) -> Iterator[Quad]:
        graph = self.graph
        holding = NamedNode(f"{self.instances.base}/id/holding/{row.siren}-{row.code}")
        grouping, competence = self.instances["grouping", row.siren], self.code("2021", row.code)
        yield Quad(holding, TYPE, ATLAS["CompetenceHolding"], graph)
        yield Quad(holding, ATLAS["holder"], grouping, graph)
        yield Quad(holding, ATLAS["heldCompetence"], competence, graph)
        yield Quad(grouping, ATLAS["holdsCompetence"], competence, graph)

    def code(self, edition: str, code: str) -> NamedNode:
        return self.instances["competence", f"banatic-{edition}-{code}"]
