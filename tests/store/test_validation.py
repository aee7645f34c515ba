"""A change validated by itself gives the violations that a validation of the whole gives."""

from __future__ import annotations

import random
from collections.abc import Collection, Iterable
from functools import cache

import pytest
import rdflib
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
)
from rdflib import RDF, SH

import ontology
import shapes
from atlas.errors import InvalidWrite
from shapes.examples import files
from shapes.terms import to_oxigraph
from store import LocalEngine
from store.rules.axioms import named
from store.rules.incremental import Maintenance
from store.writing import validation
from store.writing.neighbourhood import concerned
from store.writing.validation import Validator

PREFIXES = """
@prefix atlas: <https://w3id.org/atlas-relationnel/ontology/> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix igeo: <http://rdf.insee.fr/def/geo#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix type: <https://w3id.org/atlas-relationnel/vocabulary/relation-types/> .
@prefix status: <https://w3id.org/atlas-relationnel/vocabulary/relation-statuses/> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
@prefix : <https://w3id.org/atlas-relationnel/id/> .
"""
TYPE = named("rdf", "type")
Found = set[tuple[object, ...]]


@cache
def prepared() -> shapes.Prepared:
    return shapes.Prepared(ontology.load(), shapes.load())


@cache
def validator() -> Validator:
    return Validator()


@cache
def maintenance() -> Maintenance:
    graph = ontology.load() + ontology.alignments()
    return Maintenance(
        Triple(*map(to_oxigraph, triple))
        for triple in graph
        if not isinstance(triple[2], rdflib.Literal)
    )


def turtle(text: str) -> list[Triple]:
    parsed = parse((PREFIXES + text).encode(), format=RdfFormat.TURTLE)
    return [quad.triple for quad in parsed]


def engine_of(triples: Iterable[Triple]) -> LocalEngine:
    store = Store()
    add(store, triples)
    return LocalEngine(store=store)


def add(store: Store, triples: Iterable[Triple]) -> None:
    store.extend(Quad(t.subject, t.predicate, t.object, DefaultGraph()) for t in triples)


def remove(store: Store, triples: Iterable[Triple]) -> None:
    for triple in triples:
        store.remove(Quad(triple.subject, triple.predicate, triple.object, DefaultGraph()))


class World:
    """A small default graph with all that follows, valid until a change makes it otherwise."""

    def __init__(self, triples: Iterable[Triple] = ()) -> None:
        self.asserted, self.inferred, self.whole = engine_of([]), engine_of([]), engine_of([])
        self.change(added=triples)

    def change(self, added: Iterable[Triple] = (), removed: Iterable[Triple] = ()) -> set[Triple]:
        """Make the change, whatever it does; the triples that SHACL may see otherwise."""
        before = set(self.asserted.match(None, None, None))
        remove(self.asserted.store, removed)
        add(self.asserted.store, added)
        after = set(self.asserted.match(None, None, None))
        gained, lost = after - before, before - after
        inferred = maintenance().change(self.asserted, self.inferred, added=gained, removed=lost)
        remove(self.inferred.store, inferred.removed)
        add(self.inferred.store, inferred.added)
        remove(self.whole.store, lost | inferred.removed)
        add(self.whole.store, gained | inferred.added)
        return gained | lost | maintenance().hierarchy(gained | lost)

    def hidden(self, triple: Triple) -> bool:
        found = next(self.inferred.match(triple.subject, triple.predicate, triple.object), None)
        return found is not None and not maintenance().is_closure(self.asserted, triple)

    def seen(self) -> LocalEngine:
        """The whole as SHACL sees it."""
        return engine_of(t for t in self.whole.match(None, None, None) if not self.hidden(t))

    def incremental(self, changed: set[Triple], rewritten: Collection[Triple] = ()) -> Found:
        return results(
            validator().report(self.whole, changed=changed, hidden=self.hidden, rewritten=rewritten)
        )

    def full(self, rewritten: Collection[Triple] = ()) -> Found:
        return results(prepared().report(prepared().results(self.seen(), rewritten)))


def results(report: shapes.Report) -> Found:
    return {(r.severity, r.focus, r.path, r.value, r.shape, r.constraint) for r in report.results}


def violations(found: Found) -> Found:
    return {row for row in found if row[0] == SH.Violation}


# --- Random changes of the examples that shapes accept ---


@cache
def example(number: int, kind: str) -> tuple[Triple, ...]:
    paths = files(kind)
    path = paths[number % len(paths)]
    parsed = parse(path=str(path), format=RdfFormat.TURTLE, rename_blank_nodes=True)
    return tuple(quad.triple for quad in parsed)


class Dice:
    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def mutation(self, world: World) -> tuple[set[Triple], set[Triple]]:
        known = sorted(world.asserted.match(None, None, None), key=str)
        kinds = [t for t in known if t.predicate == TYPE]
        classes = [t.object for t in kinds] + [named("atlas", "Actor"), named("atlas", "Commune")]
        pick, count = self.random.choice, self.random.randrange
        one, other, third = pick(known), pick(known), pick(known)
        match count(9):
            case 0:
                return set(), {one}
            case 1:
                return set(), {one, other, third}
            case 2:
                return set(), {t for t in known if one.subject in (t.subject, t.object)}
            case 3:
                return {Triple(one.subject, other.predicate, other.object)}, set()
            case 4:
                return {Triple(one.subject, other.predicate, third.object)}, {one}
            case 5:
                return {pick(example(count(300), "invalid")) for _ in range(4)}, set()
            case 6:
                return set(example(count(300), pick(["valid", "invalid"]))), {one}
            case 7:
                kind = pick(kinds)
                return {Triple(kind.subject, TYPE, pick(classes))}, set(pick([[kind], []]))
        fresh, cls = NamedNode(f"urn:x:class/{count(3)}"), pick(classes)
        sub, sup = pick([(fresh, cls), (cls, fresh)])
        return {
            Triple(sub, named("rdfs", "subClassOf"), sup),
            Triple(pick([one.subject, BlankNode("b")]), TYPE, fresh),
            Triple(one.subject, other.predicate, pick([Literal("a"), Literal(1), one.object])),
        }, set(pick([[], [one]]))


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(4))
def test_after_any_change_the_results_are_those_of_the_whole(seed: int) -> None:
    """Of the nodes concerned all results are found, and of the others none has changed."""
    dice = Dice(seed)
    world = World(t for n in range(len(files("valid"))) for t in example(n, "valid"))
    before = world.full()
    assert len(before) > 50
    for _ in range(10):
        asserted = set(world.asserted.match(None, None, None))
        changed = world.change(*dice.mutation(world))
        after, found = world.full(), world.incremental(changed)
        reach = prepared().reach(world.whole)
        nodes = {shapes.to_rdflib(node) for node in concerned(world.whole, reach, changed)}
        assert found == {row for row in after if row[1] in nodes}
        assert after - found == {row for row in before if row[1] not in nodes}
        before = after
        if dice.random.random() < 0.7:
            now = set(world.asserted.match(None, None, None))
            world.change(asserted - now, now - asserted)
            before = world.full()


# --- Changes by hand ---

SCHEME = """
:scheme a atlas:Scheme ; rdfs:label "aide"@fr ; atlas:operatedBy :caf .
:caf a <urn:x:Fund> ; rdfs:label "CAF"@fr . <urn:x:Fund> rdfs:subClassOf atlas:Actor .
"""


def refused(world: World, added: str = "", removed: str = "") -> set[str]:
    """The names of the nodes that are violated after the change."""
    found = world.incremental(world.change(turtle(added), turtle(removed)))
    assert violations(found) == violations(world.full())
    return {str(row[1]).rpartition("/")[2] for row in violations(found)}


def test_who_points_at_a_changed_thing_is_judged_again() -> None:
    world = World(turtle(SCHEME))
    assert refused(world, removed=":caf a <urn:x:Fund> .") == {"scheme"}
    assert refused(world, added=":caf a atlas:Grouping ; atlas:siren '123456789' .") == set()


def test_a_class_that_moves_moves_its_things() -> None:
    world = World(turtle(SCHEME))
    assert refused(world, removed="<urn:x:Fund> rdfs:subClassOf atlas:Actor .") == {"scheme"}


def test_a_class_that_moves_with_its_things_leaving_hides_nothing() -> None:
    world = World(turtle(SCHEME))
    both = "<urn:x:Fund> rdfs:subClassOf atlas:Actor . :caf a <urn:x:Fund> ."
    assert refused(world, removed=both) == {"scheme"}


def test_what_is_only_derived_is_not_for_shapes_to_see() -> None:
    """Nothing is articulated with itself; a relation may observe that all the same, for now."""
    relation = """:r atlas:relationType type:articulatesWith ;
        atlas:relationStatus status:observed ;
        atlas:relationSource :scheme ; atlas:relationTarget :scheme ."""
    world = World(turtle(SCHEME))
    assert refused(world, relation) == set()
    assert next(world.whole.match(None, named("atlas", "articulatesWith"), None), None)
    assert refused(world, added=":scheme rdfs:label 'help'@en .") == set()
    assert refused(world, added=":scheme atlas:articulatesWith :scheme .") == {"scheme"}


def test_a_blank_node_is_judged_too() -> None:
    assert refused(World(), "[] a atlas:Scheme ; atlas:actsOn 'x' .")


def test_a_literal_that_is_a_focus_node_is_judged_too() -> None:
    assert refused(World(), ":r atlas:documentedBy 'a report' .") == {"a report"}


def test_a_literal_is_judged_as_it_was_written() -> None:
    world = World()
    people = """:c a atlas:Commune ; rdfs:label "C"@fr ; igeo:codeINSEE "54001" ;
        atlas:recordedIn "2026"^^xsd:gYear ; atlas:population """
    written = turtle(f'{people} "5"^^xsd:byte .')
    changed = world.change(written)
    rewritten = shapes.rewritten(world.whole, written)
    assert not violations(world.incremental(changed))
    found = violations(world.incremental(changed, rewritten))
    assert found == violations(world.full(rewritten))
    assert len(found) == 1


def test_a_literal_that_is_a_focus_node_is_judged_as_it_was_written() -> None:
    world = World()
    written = turtle(':r atlas:documentedBy "5"^^xsd:byte .')
    changed, rewritten = world.change(written), shapes.rewritten(world.whole, written)
    found = violations(world.incremental(changed, rewritten))
    assert found == violations(world.full(rewritten))
    assert [row[1] for row in found] == [shapes.to_rdflib(written[0].object)]


def test_many_nodes_are_judged_in_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(validation, "BATCH", 3)
    schemes = " ".join(f":s{n} a atlas:Scheme ; rdfs:label 'x' ." for n in range(8))
    world = World()
    assert refused(world, f"{schemes} :s2 atlas:operatedBy :no . :s7 atlas:operatedBy :no .") == {
        "s2",
        "s7",
    }


def test_a_refusal_says_how_many_and_which_first_and_brings_the_report() -> None:
    world = World()
    changed = world.change(turtle(SCHEME.replace(":caf a <urn:x:Fund> ;", ":caf")))
    with pytest.raises(InvalidWrite, match=r"1 violation, such as \S+/id/scheme: A scheme is op"):
        validator().check(world.whole, changed=changed, hidden=world.hidden)
    with pytest.raises(InvalidWrite) as refusal:
        validator().check(world.whole, changed=changed, hidden=world.hidden)
    report = rdflib.Graph().parse(refusal.value.report, format="nt")
    assert len(list(report.subjects(RDF.type, SH.ValidationReport))) == 1
    assert len(list(report.subjects(SH.resultSeverity, SH.Violation))) == 1


def test_warnings_refuse_nothing() -> None:
    world = World()
    changed = world.change(turtle(":scheme a atlas:Scheme ; rdfs:label 'aide'@fr ."))
    validator().check(world.whole, changed=changed, hidden=world.hidden)
    assert {row[0] for row in world.incremental(changed)} == {SH.Warning}


def test_a_change_that_no_shape_looks_at_concerns_nobody() -> None:
    world = World(turtle(SCHEME))
    changed = world.change(turtle(":scheme <urn:x:note> 'x' ; skos:note 'y' ."))
    assert concerned(world.whole, prepared().reach(world.whole), changed) == set()
