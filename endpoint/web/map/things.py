"""What the things of a map are: their names, kinds and components, as shapes and hues show them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from endpoint.names import Names
from endpoint.view import View, lists
from endpoint.web.map.relations import local
from endpoint.wire.addresses import nameable

IDEA = "idea"
# Of a class or of what it is a kind of: the shape in which its members are drawn.
SHAPES: Mapping[str, str] = {
    "CrossCuttingQuestion": "question",
    "Challenge": "question",
    "EternalObjective": "question",
    "Actor": "actor",
    "ProfessionalCommunity": "actor",
    "ResourceSite": "actor",
    "TargetPublic": "actor",
    "Territory": "territory",
    "Scale": "territory",
    "Scheme": "action",
    "PublicPolicy": "action",
    "Competence": "action",
    "Experience": "action",
    "InstitutionalArrangement": "action",
    "Document": "document",
    "Relation": "document",
}
KINDS = (IDEA, "question", "actor", "territory", "action", "document")


@dataclass
class Thing:
    """One thing of the map; ``components``: its components of the territory by their numbers."""

    iri: str
    kind: str = IDEA
    classes: list[str] = field(default_factory=list)
    components: dict[int, str] = field(default_factory=dict)


def described_things(view: View, iris: Iterable[str]) -> dict[str, Thing]:
    """What each thing is; one of which nothing is known is an idea of no class."""
    things = {iri: Thing(iri) for iri in iris}
    for some in lists(iri for iri in things if nameable(iri)):
        for solution in view.ask("map_things", things=some):
            thing = things[solution.text("thing")]
            if "number" in solution:
                thing.components[solution.number("number")] = solution.text("component")
            else:
                thing.classes.append(solution.text("class"))
    wider = wider_classes(view)
    # Of thousands of things most are of the same few classes.
    known: dict[tuple[str, ...], tuple[str, list[str]]] = {}
    for thing in things.values():
        classes = tuple(thing.classes)
        if classes not in known:
            known[classes] = placed(classes, wider)
        thing.kind, thing.classes = known[classes]
    return things


def placed(classes: Sequence[str], wider: Mapping[str, Sequence[str]]) -> tuple[str, list[str]]:
    """The shape of what is of these classes, and the narrowest of them."""
    every = [name for one in classes for name in (one, *wider.get(one, ()))]
    shapes = (SHAPES.get(local(name)) for name in every)
    kind = next((shape for shape in shapes if shape), IDEA)
    general = {name for one in classes for name in wider.get(one, ())}
    return kind, [name for name in classes if name not in general]


def wider_classes(view: View) -> dict[str, list[str]]:
    """Each class with all the classes that contain it, the nearest first."""
    direct: dict[str, list[str]] = {}
    for row in view.ask("map_classes"):
        direct.setdefault(row.text("class"), []).append(row.text("wider"))
    found: dict[str, list[str]] = {}
    for name in direct:
        reached, known = [name], {name}
        for each in reached:
            further = [wider for wider in direct.get(each, ()) if wider not in known]
            known.update(further)
            reached += further
        found[name] = reached[1:]
    return found


def named_things(view: View, iris: Iterable[str]) -> Names:
    """What everything is called, also in the sources that are apart from the rest."""
    wanted = list(dict.fromkeys(iris))
    names = view.names(wanted)
    without = [iri for iri in wanted if iri not in names.known and nameable(iri)]
    others: dict[str, dict[str, str]] = {}
    for some in lists(without):
        for solution in view.ask("thing_names", things=some):
            texts = others.setdefault(solution.text("thing"), {})
            texts.setdefault(solution.language("label"), solution.text("label"))
    return Names({**names.known, **others}, view.language, view.base)
