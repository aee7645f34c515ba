"""Schemes that serve one public here with no recorded articulation: candidates, and no more."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import combinations

from atlas.errors import UnknownName
from endpoint.catalogue import Graph
from endpoint.names import Names, Value, folded
from endpoint.refusals import refused
from endpoint.solutions import Solution
from endpoint.view import View
from endpoint.web.territories.levels import SCALES, Level
from endpoint.wire.addresses import nameable

SOURCE = "aides-jeunes"
PUBLICS = "https://w3id.org/atlas-relationnel/vocabulary/target-publics/"
# Of very many pairs the first are enough to look at; the query gives all the schemes.
MOST_PAIRS = 60


@dataclass(frozen=True)
class Scheme:
    """A candidate.

    ``tie``: how ``place`` ties it to the commune, a key of the catalogue; ``place`` is "" where
    none does. ``level``: at which its operator acts, the last part of a scale, or "" where no
    source says.
    """

    iri: str
    slug: str
    label: str
    value: Value
    page: str
    operator: str
    operator_label: str
    level: str
    tie: str
    place: str

    @property
    def near(self) -> bool:
        """Whether a place ties it to the commune."""
        return bool(self.place)


@dataclass(frozen=True)
class Public:
    """A public with the number of its candidates here."""

    slug: str
    label: str
    here: int = 0


@dataclass
class Candidates:
    """The schemes of one source that touch a commune, and those of the public that was chosen."""

    graph: Graph
    source: str
    publics: list[Public]
    public: Public
    schemes: list[Scheme]
    counts: Solution = field(default_factory=Solution)

    @property
    def bodies(self) -> int:
        return len({one.operator for one in self.schemes if one.operator})

    @property
    def pairs(self) -> list[tuple[Scheme, Scheme]]:
        """Two schemes of two bodies each: first one pair for each two bodies, the nearest first."""
        ranked: list[tuple[int, int, tuple[Scheme, Scheme]]] = []
        seen: Counter[frozenset[str]] = Counter()
        nearest = sorted(self.schemes, key=lambda one: not one.near)
        for one, other in combinations(nearest, 2):
            bodies = frozenset((one.operator, other.operator))
            if "" not in bodies and len(bodies) == 2:
                ranked.append((seen[bodies], -(one.near + other.near), (one, other)))
                seen[bodies] += 1
        ranked.sort(key=lambda each: each[:2])
        return [pair for *_, pair in ranked[:MOST_PAIRS]]


def candidates(
    view: View, code: str, rungs: Sequence[Level], *, source: str, public: str
) -> Candidates:
    """The candidates of a commune. ``public``: a slug, or "" for the one with the most bodies here.

    Raises UnknownName for a source or a public that the atlas does not know.
    """
    graph = source_graph(view, source)
    rows = view.ask("here_candidates", insee=code, source=source)
    here: dict[str, list[Solution]] = {}
    for row in rows:
        here.setdefault(row.text("public").removeprefix(PUBLICS), []).append(row)
    known = [
        Public(one.slug, one.label, len(here.get(one.slug, ()))) for one in publics(view, source)
    ]
    # A source may name publics that the vocabulary does not have.
    slugs = [one.slug for one in known]
    common = fullest({one: here[one] for one in slugs if one in here})
    slug = public or common or next(iter(slugs), "")
    chosen = next((one for one in known if one.slug == slug), None)
    if chosen is None:
        raise refused(UnknownName, "refusal.public", public=slug)
    schemes = as_schemes(view, here.get(slug, []), rungs, source)
    schemes.sort(key=lambda one: folded(one.label))
    [counts] = view.ask("here_sources", source=source)
    return Candidates(graph, source, known, chosen, schemes, counts)


def publics(view: View, source: str) -> list[Public]:
    """All publics of the vocabulary, in the alphabet's order, counted nowhere yet."""
    rows = view.ask("here_publics", source=source)
    every = [Public(row.text("public").removeprefix(PUBLICS), row.text("label")) for row in rows]
    return sorted(every, key=lambda one: folded(one.label))


def fullest(here: dict[str, list[Solution]]) -> str:
    """The public that the most bodies serve here, then with the most schemes; "" where none is."""

    def weight(slug: str) -> tuple[int, int]:
        return len({row.text("operator") for row in here[slug]}), len(here[slug])

    return max(sorted(here), key=weight, default="")


def has_source(view: View, source: str) -> bool:
    """Whether the atlas holds a source: one whose licence nobody verified is not served to all."""
    return f"{view.base}/graph/{source}" in view.site.catalogue(view.generation).graphs


def source_graph(view: View, source: str) -> Graph:
    """What is known of the graph of a source. Raises UnknownName where there is none."""
    graphs = view.site.catalogue(view.generation).graphs
    graph = graphs.get(f"{view.base}/graph/{source}")
    if graph is None:
        raise refused(UnknownName, "refusal.schemes_source", source=source)
    return graph


def as_schemes(
    view: View, rows: Sequence[Solution], rungs: Sequence[Level], source: str
) -> list[Scheme]:
    """The schemes of rows that name them and the places that tie them here, in the rows' order."""
    ties = {iri: row for row in rows if nameable(iri := row.text("scheme"))}
    if not ties:
        return []
    said = view.ask("here_schemes", source=source, schemes=" ".join(ties))
    labels = {body.iri: body.label for rung in rungs for body in rung.bodies}
    places = {place for row in ties.values() for place in tied(row) if place not in labels}
    writer = Writer(
        view.base,
        labels,
        {body.iri: rung.key for rung in rungs for body in rung.bodies},
        view.names([*(row.text("operator") for row in said), *sorted(places)]),
        source_graph(view, source).illustrative,
    )
    about = {row.text("scheme"): row for row in said}
    return [writer.scheme(about[iri], *tied(ties[iri])) for iri in ties if iri in about]


@dataclass(frozen=True)
class Writer:
    """What the schemes of one list have in common.

    ``labels`` and ``levels``: of the rungs' bodies, by IRI; ``names``: of operators and of other
    places that the atlas knows.
    """

    base: str
    labels: dict[str, str]
    levels: dict[str, str]
    names: Names
    invented: bool

    def scheme(self, row: Solution, stated: str, operating: str) -> Scheme:
        """A scheme from what its source says of it and the places that tie it to the commune."""
        iri, page, operator = row.text("scheme"), row.text("page"), row.text("operator")
        place, scale = stated or operating, row.text("scale").removeprefix(SCALES)
        label = row.text("label") or iri
        known = operator in self.names.known
        return Scheme(
            iri,
            iri.removeprefix(f"{self.base}/id/scheme/"),
            label,
            # Invented schemes have no page of their own: they are apart from everything else.
            Value(label) if self.invented else self.names.link(iri, label, told=True),
            page if page.startswith(("https://", "http://")) else "",
            operator,
            self.names.of(operator) if known else row.text("operatorLabel"),
            self.levels.get(operating, "") or levels_by_kind(operating) or scale,
            "stated" if stated else "operator",
            self.labels.get(place) or (self.names.of(place) if place else ""),
        )


def tied(row: Solution) -> tuple[str, str]:
    """The places that tie a scheme to the commune: the one it states, the one of its operator."""
    return row.text("statedPlace"), row.text("operatorPlace")


def levels_by_kind(place: str) -> str:
    """The level of a place by the kind that its IRI names, "" where there is none."""
    kind = place.rpartition("/id/")[2].partition("/")[0]
    return {"commune": "commune", "grouping": "intercommunality"}.get(kind, "")
