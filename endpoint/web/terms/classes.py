"""The page of a class: what it gathers, what one may say of it, and what the data must carry."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from atlas.namespaces import ATLAS
from endpoint.names import Names, Value, folded
from endpoint.solutions import Solution
from endpoint.view import View
from endpoint.web.constraints.shapes import Rule, project_shapes, rules_of_class
from endpoint.web.constraints.text import Words
from endpoint.web.constraints.words import Said, Saying
from endpoint.web.star.drawing import Direction, Spoke, Star, star
from endpoint.web.terms.ground import About, by, local, named
from endpoint.web.terms.uses import uses

DIRECTIONS: tuple[Direction, ...] = ("from", "to")
# So deep does a tree of terms go, and so many has it: data may lead from each to each.
DEEPEST, MOST_BRANCHES = 30, 1_000
EXAMPLES = Path(__file__).parents[3] / "shapes" / "examples" / "valid"


@dataclass
class Branch:
    """A term in the tree of what is more general and more particular."""

    value: Value
    here: bool = False
    below: list[Branch] = field(default_factory=list)


@dataclass(frozen=True)
class Sentence:
    """A property as what may be said: this class, the verb, the classes at the other end."""

    verb: Value
    others: list[Value]


@dataclass(frozen=True)
class Group:
    """Sentences, or rules, that hold for a class because they hold for one above it."""

    of: Value
    own: bool
    sentences: Sequence[Sentence] = ()
    rules: Sequence[Said] = ()


def class_page(view: View, about: About) -> dict[str, object]:
    edges = view.ask("term_tree", term=about.iri)
    properties = view.ask("term_properties", **{"class": about.iri})
    ancestors = above(edges, about.iri)
    rules = {iri: rules_of_class(iri) for iri in (about.iri, *ancestors)}
    instances = some_instances(view, about.iri)
    names = named(
        view,
        [
            about.iri,
            *(iri for row in (*edges, *properties) for iri in iris(row)),
            *(iri for found in rules.values() for iri in mentioned(found)),
            *instances,
        ],
    )
    return {
        "uses": uses(view, about.iri),
        "instances": [names.value(iri) for iri in instances],
        "tree": tree(edges, about.iri, names),
        "going": sentences(properties, "from", about.iri, ancestors, names),
        "coming": sentences(properties, "to", about.iri, ancestors, names),
        "rules": said_rules(rules, about.iri, names),
        "example": example_of(about.iri),
        "star": around(about.iri, properties, names),
    }


def some_instances(view: View, iri: str) -> list[str]:
    """A few, in the order of their names; the class may be of things that have none."""
    rows = view.ask("term_instances", **{"class": iri})
    rows = rows or view.ask("term_unnamed", **{"class": iri})
    return [row.text("thing") for row in rows]


def iris(row: Solution) -> Iterable[str]:
    return (row.text(name) for name in row if name != "end")


def mentioned(rules: Iterable[Rule]) -> list[str]:
    shapes = project_shapes()
    found = [iri for rule in rules for iri in shapes.mentioned(rule.shape)]
    return list(dict.fromkeys(found))


def above(edges: Sequence[Solution], iri: str) -> list[str]:
    """What is more general than a term, the nearest first."""
    found: list[str] = []
    here = [iri]
    while here:
        here = [
            row.text("above")
            for row in edges
            if row.text("below") in here and row.text("above") not in (iri, *found)
        ]
        found += list(dict.fromkeys(here))
    return found


def tree(edges: Sequence[Solution], iri: str, names: Names) -> list[Branch]:
    """From the most general terms down through this one to the more particular ones."""
    below = {top: [row.text("below") for row in rows] for top, rows in by(edges, "above").items()}
    if not below:
        return []
    line, room = {iri, *above(edges, iri)}, iter(range(MOST_BRANCHES))
    tops = [term for term in line if not any(row.text("below") == term for row in edges)]

    def branch(term: str, seen: frozenset[str]) -> Branch:
        # Above the term only what leads to it; below it everything.
        under = [
            other
            for other in dict.fromkeys(below.get(term, []))
            if other not in seen and (term not in line or term == iri or other in line)
        ]
        if len(seen) >= DEEPEST:
            under = []
        branches = [branch(o, seen | {term}) for o in under if next(room, None) is not None]
        return Branch(names.value(term), term == iri, sorted(branches, key=in_order))

    return sorted((branch(top, frozenset()) for top in tops), key=in_order)


def in_order(branch: Branch) -> tuple[str, str]:
    return folded(branch.value.text), branch.value.href or ""


def sentences(
    rows: Sequence[Solution], end: str, iri: str, ancestors: Sequence[str], names: Names
) -> list[Group]:
    """The properties at one end of a class: its own, then those of each class above it."""
    groups = by((row for row in rows if row.text("end") == end), "class")
    order = [term for term in (iri, *ancestors) if term in groups]
    return [
        Group(
            names.value(term),
            term == iri,
            sentences=sorted(
                (
                    Sentence(names.value(prop), [names.value(o) for o in others(found)])
                    for prop, found in by(groups[term], "property").items()
                ),
                key=lambda sentence: folded(sentence.verb.text),
            ),
        )
        for term in order
    ]


def others(rows: Sequence[Solution]) -> list[str]:
    return [row.text("other") for row in rows if row.text("other")]


def around(iri: str, rows: Sequence[Solution], names: Names) -> Star | None:
    """The class among those that its properties join it to, None where there is too little."""
    spokes = [
        Spoke(names.of(row.text("property")), direction, names.value(row.text("other")))
        for direction in DIRECTIONS
        for row in rows
        # A class elsewhere that this one is a case of may be far wider than what is meant here.
        if row.text("end") == direction
        and row.text("class").startswith(ATLAS)
        and row.text("other").startswith(ATLAS)
    ]
    return star(names.value(iri), spokes) if len(spokes) > 1 else None


def said_rules(rules: dict[str, list[Rule]], iri: str, names: Names) -> list[Group]:
    """The rules in words: the class's own, then those of each class above it."""
    saying = Saying(Words(project_shapes(), names.value, names.language))
    return [
        Group(names.value(term), term == iri, rules=[saying.say(rule) for rule in found])
        for term, found in rules.items()
        if found
    ]


@cache
def example_of(iri: str) -> str:
    """An instance as it is written, from the examples that the shapes are tested with."""
    if not iri.startswith(ATLAS):
        return ""
    shapes = {local(rule.named) for rule in rules_of_class(iri)}
    # The shape that bears the name of the class shows it best.
    for shape, text in sorted(examples(), key=lambda example: example[0] != local(iri)):
        if shape in shapes and f" a atlas:{local(iri)} " in text:
            return text.strip()
    return ""


@cache
def examples() -> list[tuple[str, str]]:
    """The shape that each example is named after, and the example; in the order of their files."""
    paths = sorted(EXAMPLES.glob("*.ttl"), key=lambda path: path.name)
    return [(path.stem.split("-")[0], path.read_text("utf-8")) for path in paths]
