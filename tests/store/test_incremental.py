"""What is inferred, kept right change by change, against two other ways to infer it."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from pyoxigraph import (
    BlankNode,
    DefaultGraph,
    Literal,
    NamedNode,
    Quad,
    RdfFormat,
    Store,
    Triple,
    parse,
    serialize,
)

from ontology.modules import Files
from store import LocalEngine
from store.rules import PREFIXES, infer
from store.rules.axioms import Axioms, named
from store.rules.incremental import Maintenance

TYPE = named("rdf", "type")
EX = "urn:x:"
THINGS = [NamedNode(f"{EX}thing/{n}") for n in range(7)]
OBSERVED, POSSIBLE = named("status", "observed"), named("status", "possible")
ROLES = ("relationStatus", "relationType", "relationSource", "relationTarget")
Term = NamedNode | BlankNode | Literal


def name(text: str) -> NamedNode:
    return NamedNode(EX + text)


def facts(triples: Iterable[Triple]) -> LocalEngine:
    store = Store()
    store.extend(
        Quad(triple.subject, triple.predicate, triple.object, DefaultGraph()) for triple in triples
    )
    return LocalEngine(store=store)


class World:
    """Asserted triples and what is inferred from them, the second kept up change by change."""

    def __init__(self, schema: Iterable[Triple]) -> None:
        self.maintenance = Maintenance(schema)
        self.asserted, self.inferred = facts([]), facts([])

    def change(self, added: Iterable[Triple] = (), removed: Iterable[Triple] = ()) -> None:
        added, before = set(added), set(self.asserted.match(None, None, None))
        gained, lost = added - before, (set(removed) & before) - added
        _apply(self.asserted, gained, lost)
        changes = self.maintenance.change(self.asserted, self.inferred, added=gained, removed=lost)
        assert not changes.added & changes.removed
        assert not changes.added & self.facts("inferred")
        assert changes.removed <= self.facts("inferred")
        _apply(self.inferred, changes.added, changes.removed)

    def facts(self, which: str) -> set[Triple]:
        return set(getattr(self, which).match(None, None, None))


def _apply(engine: LocalEngine, added: Iterable[Triple], removed: Iterable[Triple]) -> None:
    for triple in removed:
        engine.store.remove(Quad(triple.subject, triple.predicate, triple.object, DefaultGraph()))
    engine.store.extend(
        Quad(triple.subject, triple.predicate, triple.object, DefaultGraph()) for triple in added
    )


# --- The rules once more, as they are written, naively ---


def naive(schema: set[Triple], asserted: set[Triple]) -> tuple[set[Triple], set[Triple]]:
    """Closure and derived: every rule over everything until nothing is new."""
    axioms = {
        (t.subject, t.predicate, t.object)
        for t in schema
        if isinstance(t.subject, NamedNode) and isinstance(t.object, NamedNode)
        if t.object != THING
    }
    lower = {(a, b) for a, p, b in axioms if p == named("rdfs", "subPropertyOf")}
    ends = {end for pair in lower for end in pair}
    read = {
        (t.subject, t.predicate, t.object)
        for t in asserted
        if isinstance(t.subject, NamedNode)
        and (isinstance(t.object, NamedNode) or (_is_text(t.object) and t.predicate in ends))
    }
    classes = _closed({(a, b) for a, p, b in axioms if p == named("rdfs", "subClassOf")})
    turns = _turns(axioms, lower)
    hierarchy = {(s, TYPE, b) for s, p, c in read if p == TYPE for a, b in classes if a == c}
    hierarchy |= _climbed(read, turns)
    conclusions = _ways(axioms, read | hierarchy) | _stated(axioms, read)
    conclusions |= _climbed(conclusions, turns)
    closure = {Triple(*s) for s in hierarchy if not _is_text(s[0])} - asserted
    derived = {Triple(*s) for s in conclusions if not _is_text(s[0])} - asserted - closure
    return closure, derived


def _is_text(term: object) -> bool:
    return isinstance(term, Literal)


def _closed(pairs: set[tuple]) -> set[tuple]:
    while more := {(a, d) for a, b in pairs for c, d in pairs if b == c} - pairs:
        pairs = pairs | more
    return pairs


def _turns(axioms: set[tuple], lower: set[tuple]) -> set[tuple]:
    found = {(a, False, b) for a, b in lower}
    for a, p, b in axioms:
        if p == named("owl", "inverseOf"):
            found |= {(a, True, b), (b, True, a)}
        elif (p, b) == (TYPE, named("owl", "SymmetricProperty")):
            found.add((a, True, a))
    while more := {(a, f != g, d) for a, f, b in found for c, g, d in found if b == c} - found:
        found |= more
    return found


def _climbed(statements: set[tuple], turns: set[tuple]) -> set[tuple]:
    return {
        (o, b, s) if turned else (s, b, o)
        for s, p, o in statements
        for a, turned, b in turns
        if a == p
    }


def _ways(axioms: set[tuple], statements: set[tuple]) -> set[tuple]:
    found = set()
    for p in {s for s, q, o in axioms if (q, o) == (TYPE, named("owl", "TransitiveProperty"))}:
        found |= {(s, p, o) for s, o in _closed({(s, o) for s, q, o in statements if q == p})}
    return found


def _stated(axioms: set[tuple], read: set[tuple]) -> set[tuple]:
    def values(relation: Term, role: str) -> set[Term]:
        return {o for s, p, o in read if s == relation and p == named("atlas", role)}

    return {
        (source, prop, target)
        for relation in {s for s, _, _ in read}
        if OBSERVED in values(relation, "relationStatus")
        for kind in values(relation, "relationType")
        for a, p, prop in axioms
        if (a, p) == (kind, named("atlas", "namesProperty"))
        for source in values(relation, "relationSource")
        for target in values(relation, "relationTarget")
    }


# --- Random worlds ---


class Dice:
    """Random schemas and triples, few names so that they often meet."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.properties = [name(f"p{n}") for n in range(6)]
        self.classes = [name(f"C{n}") for n in range(5)]
        self.kinds = [name(f"kind{n}") for n in range(2)]
        self.literals = [Literal("a"), Literal("b", language="fr"), Literal(1)]

    def schema(self) -> set[Triple]:
        pick = self.random.choice
        axioms: set[Triple] = set()
        for predicate, number, pool in (
            (named("rdfs", "subClassOf"), 5, self.classes),
            (named("rdfs", "subPropertyOf"), 4, self.properties),
            (named("owl", "inverseOf"), self.random.randrange(2), self.properties),
        ):
            axioms |= {Triple(pick(pool), predicate, pick(pool)) for _ in range(number)}
        for kind in ("TransitiveProperty", "TransitiveProperty", "SymmetricProperty"):
            axioms.add(Triple(pick(self.properties), TYPE, named("owl", kind)))
        for each in self.kinds:
            axioms.add(Triple(each, named("atlas", "namesProperty"), pick(self.properties)))
        axioms.add(Triple(pick(self.classes), named("rdfs", "subClassOf"), BlankNode("r")))
        return axioms | {Triple(pick(self.classes), named("rdfs", "subClassOf"), THING)}

    def triple(self) -> Triple:
        pick = self.random.choice
        thing, other = pick(THINGS), pick(THINGS)
        match self.random.randrange(10):
            case 0 | 1:
                return Triple(thing, TYPE, pick(self.classes))
            case 2 | 3 | 4:
                value = pick([OBSERVED, POSSIBLE, *self.kinds, other, other, pick(self.literals)])
                return Triple(thing, named("atlas", pick(ROLES)), value)
            case 5:
                return Triple(thing, pick(self.properties), pick(self.literals))
            case 6:
                return pick(
                    [
                        Triple(BlankNode("b"), pick(self.properties), other),
                        Triple(thing, pick(self.properties), BlankNode("b")),
                        Triple(thing, pick(self.properties), Triple(thing, TYPE, other)),
                    ]
                )
        return Triple(thing, pick(self.properties), other)

    def update(self, asserted: set[Triple], inferred: set[Triple]) -> tuple[set[Triple], ...]:
        """What to add, some of it inferred until now, and what to remove."""
        count = self.random.randrange
        added = {self.triple() for _ in range(count(6))}
        added |= set(self.random.sample(sorted(inferred, key=str), min(len(inferred), count(3))))
        known = sorted(asserted, key=str)
        share = 1.0 if count(12) == 0 else self.random.random() * 0.6
        return added, {triple for triple in known if self.random.random() < share}


THING = NamedNode("http://www.w3.org/2002/07/owl#Thing")


@pytest.mark.parametrize("seed", range(40))
def test_after_any_updates_it_is_what_the_rules_infer_from_the_start(seed: int) -> None:
    dice = Dice(seed)
    schema = dice.schema()
    world = World(schema)
    for _ in range(8):
        world.change(*dice.update(world.facts("asserted"), world.facts("inferred")))
        asserted = world.facts("asserted")
        closure, derived = naive(schema, asserted)
        assert world.facts("inferred") == closure | derived
        for triple in closure | derived:
            is_closure = world.maintenance.is_closure(world.asserted, triple)
            assert is_closure == (triple in closure)
            assert is_closure or world.maintenance.may_derive(triple)


@pytest.mark.parametrize("seed", range(100, 106))
def test_after_any_updates_it_is_what_the_rule_engine_infers(seed: int, tmp_path: Path) -> None:
    dice = Dice(seed)
    schema = dice.schema()
    world = World(schema)
    for _ in range(3):
        world.change(*dice.update(world.facts("asserted"), world.facts("inferred")))
    assert world.facts("inferred") == by_rule_engine(schema, world.facts("asserted"), tmp_path)


def by_rule_engine(schema: set[Triple], asserted: set[Triple], folder: Path) -> set[Triple]:
    for file, triples in (("schema", schema), ("asserted", asserted)):
        (folder / f"{file}.nt").write_bytes(serialize(triples, format=RdfFormat.N_TRIPLES) or b"")
    inference = infer([folder / "asserted.nt"], folder / "schema.nt", folder / "out")
    return {t for path in (inference.closure, inference.derived) for t in read(path)} - asserted


def read(path: Path) -> Iterator[Triple]:
    return (quad.triple for quad in parse(path=str(path), format=RdfFormat.N_TRIPLES))


# --- The ontology itself ---


@pytest.fixture(scope="module")
def ontology(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Modules, vocabularies and alignments, as the build takes their axioms."""
    files = Files()
    path = tmp_path_factory.mktemp("ontology") / "axioms.nt"
    quads = [
        quad
        for file in (*files.modules, *files.vocabularies, *files.alignments)
        for quad in parse(path=str(file), format=RdfFormat.TURTLE, rename_blank_nodes=True)
    ]
    path.write_bytes(serialize((q.triple for q in quads), format=RdfFormat.N_TRIPLES) or b"")
    return path


def a(text: str) -> NamedNode:
    return named("atlas", text)


NANCY, MEURTHE, GRAND_EST, RELATION = (name(n) for n in ("nancy", "54", "44", "relation"))
ARTICULATES = NamedNode(
    "https://w3id.org/atlas-relationnel/vocabulary/relation-types/articulatesWith"
)
PLACES = [
    Triple(NANCY, TYPE, a("Commune")),
    Triple(NANCY, a("directlyPartOf"), MEURTHE),
    Triple(MEURTHE, a("directlyPartOf"), GRAND_EST),
    Triple(NANCY, NamedNode(PREFIXES["rdfs"] + "label"), Literal("Nancy", language="fr")),
    Triple(RELATION, a("relationStatus"), OBSERVED),
    Triple(RELATION, a("relationType"), ARTICULATES),
    Triple(RELATION, a("relationSource"), NANCY),
    Triple(RELATION, a("relationTarget"), MEURTHE),
]


def test_of_the_ontology_all_that_the_rule_engine_infers(ontology: Path, tmp_path: Path) -> None:
    schema = set(read(ontology))
    world = World(schema)
    # The ontology is data as well.
    world.change(schema)
    world.change(PLACES)
    assert Triple(NANCY, a("partOf"), GRAND_EST) in world.facts("inferred")
    assert Triple(MEURTHE, a("relatesTo"), NANCY) in world.facts("inferred")
    everything = schema | set(PLACES)
    assert world.facts("inferred") == by_rule_engine(schema, everything, tmp_path)
    world.change([], PLACES[::2])
    everything -= set(PLACES[::2])
    assert world.facts("inferred") == by_rule_engine(schema, everything, tmp_path)


def test_the_axioms_are_the_same_from_a_file_and_from_triples(ontology: Path) -> None:
    assert vars(Axioms(ontology)) == vars(Axioms(read(ontology)))


def test_a_statement_that_is_asserted_is_inferred_no_more_and_again_once_it_goes(
    ontology: Path,
) -> None:
    world = World(read(ontology))
    world.change(PLACES[1:3])
    said = Triple(NANCY, a("partOf"), GRAND_EST)
    assert said in world.facts("inferred")
    assert not world.maintenance.is_closure(world.asserted, said)
    world.change([said])
    assert said not in world.facts("inferred")
    world.change([], [said])
    assert said in world.facts("inferred")
    world.change([], [PLACES[1]])
    assert said not in world.facts("inferred")


def test_a_circle_that_is_cut_leaves_only_the_ways_that_are_left(ontology: Path) -> None:
    world = World(read(ontology))
    wider = [Triple(one, a("widerScaleThan"), THINGS[n - 1]) for n, one in enumerate(THINGS)]
    world.change(wider)

    def ways() -> int:
        return len(list(world.inferred.match(None, a("widerScaleThan"), None)))

    # Asserted are one step from each; of a line of seven, six.
    assert ways() == 7 * 7 - 7
    world.change([], wider[:1])
    assert ways() == 7 * 6 // 2 - 6
