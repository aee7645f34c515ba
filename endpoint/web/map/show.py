"""A map as its page shows it: things and relations with their names, the drawing, what is cut."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache

from endpoint.language import translate
from endpoint.names import Names, Value
from endpoint.view import View
from endpoint.web.map.relations import TYPES, Drawn, Relation, local
from endpoint.web.map.state import State, short
from endpoint.web.map.things import Thing, described_things, named_things
from endpoint.web.star.drawing import Spoke, Star, star

# No label of a map is longer: nobody reads further, and the page of the thing has it whole.
LONGEST_LABEL, LONGEST_VERB = 200, 100
STATUSES = {"observed": 0, "possible": 1, "missing": 2, "broken": 3}


@dataclass(frozen=True)
class ShownThing:
    """A thing of the map; ``says`` is what kind of thing it is, in words."""

    thing: Thing
    name: Value
    says: str
    key: str


@dataclass(frozen=True)
class Line:
    """A relation of the map as a line of the table; the numbers are those of its things."""

    relation: Relation
    source: ShownThing
    verb: Value
    target: ShownThing
    graphs: list[Value]
    documents: list[Value]
    numbers: tuple[int, int]


@dataclass(frozen=True)
class ShownCut:
    """A long list of facts of which only some are shown."""

    thing: Value
    verb: str
    direction: str
    shown: int
    count: int


@dataclass(frozen=True)
class Shown:
    """``star``: the neighbourhood of the centre as a drawing, where the map has one."""

    things: list[ShownThing]
    lines: list[Line]
    centre: Value | None
    opened: list[tuple[str, Value]]
    star: Star | None
    cuts: list[ShownCut]
    full: bool
    partial: bool
    names: Names

    @property
    def kinds(self) -> set[str]:
        return {thing.thing.kind for thing in self.things}

    @property
    def statuses(self) -> list[str]:
        """The statuses of relations on the map, the usual one first."""
        found = {line.relation.status for line in self.lines}
        return sorted(found, key=lambda status: (STATUSES.get(status, len(STATUSES)), status))

    @property
    def verbs(self) -> list[tuple[str, str, int]]:
        """The verbs of the map: as the filter has each, in words, of how many lines; most first."""
        counts = Counter(verb_slug(line.relation) for line in self.lines)
        texts = {verb_slug(line.relation): line.verb.text for line in self.lines}
        return [(slug, texts[slug], count) for slug, count in counts.most_common()]

    @property
    def components(self) -> list[tuple[int, Value]]:
        """The components that things of the map belong to, by their numbers."""
        found = {number: iri for one in self.things for number, iri in one.thing.components.items()}
        return [(number, self.names.value(iri)) for number, iri in sorted(found.items())]

    @property
    def graphs(self) -> list[str]:
        """The IRIs of the sources of the map's relations, in the order of the alphabet."""
        return sorted({graph for line in self.lines for graph in line.relation.graphs})

    def index(self, iri: str) -> int:
        """The number of a thing, -1 for one that is not on the map."""
        return next((n for n, shown in enumerate(self.things) if shown.thing.iri == iri), -1)

    def first(self, iri: str) -> int:
        """The number of the first line of a relation or of a thing, 0 where there is none."""
        return next(
            (
                number
                for number, line in enumerate(self.lines)
                if iri in (line.relation.iri, *line.relation.ends)
            ),
            0,
        )


def shown(view: View, state: State, result: Drawn) -> Shown:
    """The map with its names. Raises what its queries raise."""
    iris = result.things
    if state.centre and state.centre not in iris:
        iris = [state.centre, *iris]
    things = described_things(view, iris)
    names = named_things(view, [*iris, *mentioned(result, things.values()), *state.opened])
    figures = [
        ShownThing(thing, called(names, iri), kind_in_words(names, thing), short(iri, view.base))
        for iri, thing in things.items()
    ]
    numbers = {iri: number for number, iri in enumerate(things)}
    value = cache(names.value)
    lines = [line(relation, figures, numbers, value) for relation in result.relations]
    centre = called(names, state.centre) if state.centre else None
    return Shown(
        things=figures,
        lines=lines,
        centre=centre,
        opened=[(iri, called(names, iri)) for iri in state.opened],
        star=star(centre, spokes(state.centre, lines)) if centre and lines else None,
        cuts=[
            ShownCut(called(names, c.thing), names.of(c.verb), c.direction, c.shown, c.count)
            for c in result.cuts
        ],
        full=result.full,
        partial=result.partial,
        names=names,
    )


def mentioned(result: Drawn, things: Iterable[Thing]) -> Iterable[str]:
    """What else is named on the page: verbs, sources, documents, classes."""
    for relation in result.relations:
        yield from (relation.verb, *relation.graphs, *relation.documents)
    for thing in things:
        yield from (*thing.classes[:1], *thing.components.values())
    for each in result.cuts:
        yield each.verb


def line(
    relation: Relation,
    things: list[ShownThing],
    numbers: Mapping[str, int],
    value: Callable[[str], Value],
) -> Line:
    source, target = numbers[relation.source], numbers[relation.target]
    return Line(
        relation,
        things[source],
        Value(
            cut(value(relation.verb).text, LONGEST_VERB), value(relation.iri or relation.verb).href
        ),
        things[target],
        [value(graph) for graph in relation.graphs],
        [value(document) for document in relation.documents],
        (source, target),
    )


def spokes(centre: str, lines: Iterable[Line]) -> list[Spoke]:
    """The relations of the centre itself, those that documents describe first."""
    found = []
    for one in sorted(lines, key=lambda one: not one.relation.iri):
        for direction, near, far in (("from", 0, 1), ("to", 1, 0)):
            if one.relation.ends[near] == centre:
                other = (one.source, one.target)[far]
                components = list(other.thing.components)
                found.append(
                    Spoke(
                        one.verb.text,
                        "from" if direction == "from" else "to",
                        other.name,
                        one.relation.status,
                        components[0] if components else None,
                    )
                )
    return found


def called(names: Names, iri: str) -> Value:
    """The name of a thing; one that has but a code is called by its number."""
    value = names.value(iri)
    value.text = cut(value.text)
    if value.text.isdecimal():
        value.text = translate("map.coded", code=value.text)
    return value


def kind_in_words(names: Names, thing: Thing) -> str:
    """The name of the narrowest class, else of the shape."""
    if thing.classes:
        return names.of(thing.classes[0])
    return translate(f"map.kind_{thing.kind}")


def verb_slug(relation: Relation) -> str:
    """The verb as the filter has it: a type and the property that it names are one."""
    return local(relation.verb.removeprefix(TYPES))


def cut(text: str, longest: int = LONGEST_LABEL) -> str:
    return text if len(text) <= longest else f"{text[:longest]}…"
