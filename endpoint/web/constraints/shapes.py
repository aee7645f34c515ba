"""What the shapes ask of the data, read from their files: for each class, what its instances carry.

Here shapes are only read and put in order; ``words`` says them. The package of the
shapes is not imported: it validates with rdflib, which a page has no use for.
https://www.w3.org/TR/shacl/
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat, Triple, parse, serialize

from atlas.namespaces import RDF, SH

FOLDER = Path(__file__).parents[3] / "shapes"
CLASS, SUBJECTS, OBJECTS = "targetClass", "targetSubjectsOf", "targetObjectsOf"
TARGETS = (CLASS, SUBJECTS, OBJECTS)
# What a shape says that asks nothing by itself: it qualifies, it names, or it goes with another.
NO_CONSTRAINT = {
    *TARGETS,
    "targetNode",
    *("path", "severity", "message", "deactivated", "name", "description", "order", "group"),
    *("defaultValue", "flags", "ignoredProperties", "qualifiedMinCount", "qualifiedMaxCount"),
    "qualifiedValueShapesDisjoint",
}
# The steps of a path that are no property: https://www.w3.org/TR/shacl/#property-paths
STEPS = ("inversePath", "alternativePath", "zeroOrMorePath", "oneOrMorePath", "zeroOrOnePath")
DEEPEST = 12

Node = NamedNode | BlankNode
Term = NamedNode | BlankNode | Literal | Triple


@dataclass(frozen=True)
class Constraint:
    """One constraint: its parameter by its local name in SHACL, such as minCount, and the value."""

    shape: Node
    parameter: str
    value: Term


@dataclass(frozen=True)
class Rule:
    """What one shape asks. ``path`` is None where the thing itself is meant, not its values."""

    shape: Node
    named: str
    path: Term | None
    severity: str
    messages: Mapping[str, str]
    constraints: Sequence[Constraint]

    def value(self, parameter: str) -> Term | None:
        return next((c.value for c in self.constraints if c.parameter == parameter), None)


@dataclass(frozen=True)
class Targeted:
    """A rule with whom it is for: a class's instances, what bears a property, what it names."""

    target: str
    iri: str
    rule: Rule


class Shapes:
    """Shapes as an index of their statements, by subject and property."""

    def __init__(self, triples: Iterable[Triple]) -> None:
        self.said: dict[str, dict[str, list[Term]]] = {}
        self.nodes: dict[str, Node] = {}
        self.triples = tuple(triples)
        for triple in self.triples:
            if isinstance(triple.subject, Triple):
                continue
            key = str(triple.subject)
            self.nodes[key] = triple.subject
            self.said.setdefault(key, {}).setdefault(triple.predicate.value, []).append(
                triple.object
            )

    def values(self, node: Term, name: str) -> list[Term]:
        """The values of a property of SHACL, by its local name."""
        return self.said.get(str(node), {}).get(SH + name, [])

    def members(self, node: Term) -> list[Term]:
        """The members of a list. https://www.w3.org/TR/rdf-schema/#ch_collectionvocab"""
        found: list[Term] = []
        while (here := self.said.get(str(node), {})) and f"{RDF}first" in here:
            found += here[f"{RDF}first"]
            node = here[f"{RDF}rest"][0]
        return found

    def is_list(self, node: Term) -> bool:
        return f"{RDF}first" in self.said.get(str(node), {})

    def rule(self, node: Term, named: str = "") -> Rule:
        """What the shape asks by itself; the shapes of its properties are constraints of it."""
        assert isinstance(node, NamedNode | BlankNode), "a shape is a node"
        said = self.said.get(str(node), {})
        constraints = [
            Constraint(node, iri.removeprefix(SH), value)
            for iri, values in said.items()
            if iri.startswith(SH) and iri.removeprefix(SH) not in NO_CONSTRAINT
            for value in values
        ]
        severities = [v.value for v in self.values(node, "severity") if isinstance(v, NamedNode)]
        return Rule(
            shape=node,
            named=node.value if isinstance(node, NamedNode) else named,
            path=next(iter(self.values(node, "path")), None),
            severity=severities[0].removeprefix(SH) if severities else "Violation",
            messages={
                text.language or "": text.value
                for text in self.values(node, "message")
                if isinstance(text, Literal)
            },
            constraints=constraints,
        )

    def rules(self, node: Node, named: str) -> Iterator[Rule]:
        """A targeted shape as rules: what it asks of the thing itself, then of each property."""
        whole = self.rule(node, named)
        own = [c for c in whole.constraints if c.parameter != "property"]
        if own:
            yield Rule(node, whole.named, whole.path, whole.severity, whole.messages, own)
        for constraint in whole.constraints:
            if constraint.parameter == "property":
                yield self.rule(constraint.value, whole.named)

    def targeted(self) -> Iterator[Targeted]:
        """Every rule of every shape that has a target, in the order of the files."""
        for key, node in self.nodes.items():
            for target in TARGETS:
                for value in self.values(node, target):
                    if isinstance(value, NamedNode):
                        for rule in self.rules(node, key.strip("<>")):
                            yield Targeted(target, value.value, rule)

    def properties(self, path: Term | None) -> list[str]:
        """The properties that a path goes along, in its order."""
        if path is None:
            return []
        if isinstance(path, NamedNode):
            return [path.value]
        parts = self.members(path) or [v for step in STEPS for v in self.values(path, step)]
        return [iri for part in parts for iri in self.properties(part)]

    def mentioned(self, node: Term, depth: int = 0) -> Iterator[str]:
        """The IRIs that saying a shape takes the names of."""
        if depth > DEEPEST or isinstance(node, Triple):
            return
        if isinstance(node, NamedNode) and depth:
            yield node.value
        if isinstance(node, NamedNode) and str(node) not in self.said:
            return
        for iri, values in self.said.get(str(node), {}).items():
            if iri.startswith((SH, RDF)):
                for value in values:
                    yield from self.mentioned(value, depth + 1)

    def turtle(self, node: Term) -> str:
        """The shape as it is written, with what stands inside it."""
        inside: set[str] = set()
        waiting = [str(node)]
        while waiting:
            key = waiting.pop()
            if key in inside or (inside and not key.startswith("_:")):
                continue
            inside.add(key)
            waiting += [str(v) for values in self.said.get(key, {}).values() for v in values]
        triples = [triple for triple in self.triples if str(triple.subject) in inside]
        text = serialize(triples, format=RdfFormat.TURTLE, prefixes={"sh": SH}) or b""
        return text.decode("utf-8")


@cache
def project_shapes() -> Shapes:
    """The shapes that the atlas's data is judged by, read once for each process."""
    return Shapes(
        quad.triple
        for path in sorted(FOLDER.glob("*.ttl"))
        for quad in parse(path=str(path), format=RdfFormat.TURTLE, rename_blank_nodes=True)
    )


@cache
def project_rules() -> tuple[Targeted, ...]:
    return tuple(project_shapes().targeted())


def rules_of_class(iri: str) -> list[Rule]:
    """What every instance of the class must carry, by the shapes of this very class."""
    return [t.rule for t in project_rules() if (t.target, t.iri) == (CLASS, iri)]


def rules_of_property(iri: str) -> list[Targeted]:
    """What is asked of the property: of what bears it or it names, and on which classes."""
    shapes = project_shapes()
    return [
        targeted
        for targeted in project_rules()
        if (targeted.target != CLASS and targeted.iri == iri)
        or (targeted.target == CLASS and iri in shapes.properties(targeted.rule.path))
    ]
