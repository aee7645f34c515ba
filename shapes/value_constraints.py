"""Templates for constraints on each value node, one by one.

https://www.w3.org/TR/shacl/#core-components
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import rdflib
from rdflib import RDF, RDFS, SH, XSD
from rdflib.term import Node, URIRef

from shapes.failures import Context, Failure, Read, View, single
from shapes.paths import NotCompiled
from shapes.patterns import is_common
from shapes.targets import is_instance
from shapes.terms import sparql

NODE_KINDS = {
    SH.IRI: "isIRI({0})",
    SH.BlankNode: "isBlank({0})",
    SH.Literal: "isLiteral({0})",
    SH.BlankNodeOrIRI: "!isLiteral({0})",
    SH.BlankNodeOrLiteral: "!isIRI({0})",
    SH.IRIOrLiteral: "!isBlank({0})",
}

# Dates of four-digit years and no time zone: rdflib and the engine read and order them alike.
PLAIN = 'REGEX(STR({0}), "^[0-9]{{4}}(-[0-9]{{2}}(-[0-9]{{2}})?)?$")'
# Each says "well formed" for a literal of that datatype: datatype() alone takes "abc"^^xsd:integer.
WELL_FORMED = {
    XSD.string: "true",
    RDF.langString: "true",
    XSD.integer: "isNumeric({0})",
    XSD.decimal: "isNumeric({0})",
    XSD.boolean: "({0} || !{0})",
    XSD.date: f"{PLAIN} && DAY({{0}}) > 0",
    XSD.gYear: f"{PLAIN} && YEAR({{0}}) >= 0",
    XSD.gYearMonth: f"{PLAIN} && MONTH({{0}}) > 0",
    XSD.anyURI: "true",
}
EXACT = {XSD.string, RDF.langString}
# No floats: the engine keeps xsd:float in 32 bits, Python in 64.
NUMBERS = {XSD.integer, XSD.decimal}


def node_kind(context: Context, view: View, values: list[Node]) -> Iterator[Failure]:
    test = NODE_KINDS.get(URIRef(str(single(values))))
    if test is None:
        raise NotCompiled("a node kind that SHACL does not know")
    yield Failure(view.pattern, f"!{test.format(view.value)}")


def datatype(context: Context, view: View, values: list[Node]) -> Iterator[Failure]:
    wanted = URIRef(str(single(values)))
    if wanted in WELL_FORMED:
        formed = WELL_FORMED[wanted].format(view.value)
    elif str(wanted).startswith((str(XSD), str(RDF), str(RDFS))):
        # What rdflib takes for ill-typed here the engine may not.
        yield view.every_value()
        return
    else:
        formed = "true"
    test = f"datatype({view.value}) = {sparql(wanted)} && {formed}"
    yield Failure(view.pattern, f"!COALESCE({test}, false)", exact=wanted in EXACT)


def class_(context: Context, view: View, values: list[Node]) -> Iterator[Failure]:
    for cls in values:
        try:
            names = context.hierarchy.subclasses(cls)
        except ValueError as error:
            raise NotCompiled(str(error)) from error
        test = is_instance(view.value, names, context.fresh())
        yield Failure(view.pattern, f"!({test})")


def _length(view: View, values: list[Node], comparison: str) -> Iterator[Failure]:
    test = f"STRLEN(STR({view.value})) {comparison} {whole_number(values)}"
    yield Failure(view.pattern, f"!COALESCE({test}, false)", exact=False)


def min_length(context: Context, view: View, values: list[Node]) -> Iterable[Failure]:
    return _length(view, values, ">=")


def max_length(context: Context, view: View, values: list[Node]) -> Iterable[Failure]:
    return _length(view, values, "<=")


def pattern(context: Context, view: View, values: list[Node]) -> Iterator[Failure]:
    if context.shapes.value(view.shape, SH.flags) is not None:
        yield view.every_value()
        return
    for expression in values:
        if not is_common(str(expression)):
            yield view.every_value()
            continue
        regex = sparql(rdflib.Literal(str(expression)))
        test = f"REGEX(STR({view.value}), {regex})"
        # "$" also matches before a last line end for Python, so that a match is not sure to be one.
        yield Failure(view.pattern, f"!COALESCE({test}, false)", exact=False)


def language_in(context: Context, view: View, values: list[Node]) -> Iterator[Failure]:
    tests = []
    for item in context.shapes.items(single(values)):
        tag, text = str(item).lower(), sparql(rdflib.Literal(str(item).lower()))
        if tag == "*":
            tests.append(f'LANG({view.value}) != ""')
        elif "-" in tag:
            # langMatches takes de-CH-1996 for de-CH, pySHACL does not: the judge shall see it.
            tests.append(f"LCASE(LANG({view.value})) = {text}")
        else:
            tests.append(f"langMatches(LANG({view.value}), {text})")
    yield Failure(view.pattern, f"!COALESCE({' || '.join(tests) or 'false'}, false)", exact=False)


def in_(context: Context, view: View, values: list[Node]) -> Iterator[Failure]:
    members = [context.constant(item) for item in context.shapes.items(single(values))]
    named = [member for member in members if member is not None]
    test = " || ".join(f"sameTerm({view.value}, {member})" for member in named) or "false"
    # A member that no query can say is left out: whoever has it goes to the judge.
    yield Failure(view.pattern, f"!({test})", exact=len(named) == len(members))


def is_number(variable: str) -> str:
    return f"datatype({variable}) IN ({', '.join(sparql(kind) for kind in sorted(NUMBERS))})"


def _range(context: Context, view: View, values: list[Node], comparison: str) -> Iterator[Failure]:
    for limit in values:
        constant = context.constant(limit)
        kind = limit.datatype if isinstance(limit, rdflib.Literal) else None
        if constant is None or kind not in NUMBERS:
            yield view.every_value()
            continue
        test = f"{is_number(view.value)} && {view.value} {comparison} {constant}"
        yield Failure(view.pattern, f"!COALESCE({test}, false)", exact=False)


def min_exclusive(context: Context, view: View, values: list[Node]) -> Iterable[Failure]:
    return _range(context, view, values, ">")


def min_inclusive(context: Context, view: View, values: list[Node]) -> Iterable[Failure]:
    return _range(context, view, values, ">=")


def max_exclusive(context: Context, view: View, values: list[Node]) -> Iterable[Failure]:
    return _range(context, view, values, "<")


def max_inclusive(context: Context, view: View, values: list[Node]) -> Iterable[Failure]:
    return _range(context, view, values, "<=")


def closed(context: Context, view: View, values: list[Node]) -> Iterator[Failure]:
    """sh:closed: a predicate that neither sh:property nor sh:ignoredProperties names."""
    flag = single(values)
    if not (isinstance(flag, rdflib.Literal) and flag.value is True):
        return
    shapes = context.shapes
    allowed: set[Node] = set()
    for ignored in shapes.objects(view.shape, SH.ignoredProperties):
        allowed.update(shapes.items(ignored))
    for prop in shapes.objects(view.shape, SH.property):
        allowed.update(p for p in shapes.objects(prop, SH.path) if isinstance(p, URIRef))
    if RDFS.subClassOf not in allowed:
        context.needs_stored_hierarchy([RDFS.subClassOf])
    context.reads.append(Read(view.value_route, None))
    predicate, names = context.fresh(), ", ".join(sparql(name) for name in sorted(allowed, key=str))
    condition = f"{predicate} NOT IN ({names})" if names else "true"
    triple = f"{view.value} {predicate} {context.fresh()} ."
    # pySHACL lets rdf:type rdfs:Resource pass.
    yield Failure(f"{view.pattern} {triple}", condition, exact=RDF.type in allowed)


def whole_number(values: list[Node]) -> int:
    value = single(values)
    number = value.value if isinstance(value, rdflib.Literal) else None
    if not isinstance(number, int) or number < 0:
        raise NotCompiled("a count or length that is no whole number")
    return number
