"""Template for sh:sparql: a SELECT that may be asked of all focus nodes at once.

SHACL substitutes each focus node for $this before the query runs; we join. The two agree where
every part that mentions $this also binds it, and where the functions used are the same for the
engine and for rdflib. Any other query goes to the judge.

https://www.w3.org/TR/shacl/#sparql-constraints
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import rdflib
from pyparsing import ParseException
from rdflib import SH, Variable
from rdflib.paths import Path as SparqlPath
from rdflib.plugins.sparql import prepareQuery
from rdflib.plugins.sparql.parserutils import CompValue
from rdflib.term import Node, URIRef

from shapes.failures import THIS, Context, Failure, Read, View, is_deactivated, single
from shapes.paths import NotCompiled

SELECT = re.compile(
    r"\s*SELECT\s+(?:DISTINCT\s+)?(?:[$?]\w+\s*)+(?:WHERE\s*)?\{(.*)\}\s*",
    re.DOTALL | re.IGNORECASE,
)
FOCUS = Variable("this")
PATTERNS = {"SelectQuery", "Project", "Distinct", "BGP", "Join", "LeftJoin", "Filter", "Union"}
FUNCTIONS = {
    "ConditionalAndExpression",
    "ConditionalOrExpression",
    "UnaryNot",
    "TrueFilter",
    "Builtin_EXISTS",
    "Builtin_NOTEXISTS",
    "Builtin_BOUND",
    "Builtin_sameTerm",
    "Builtin_isIRI",
    "Builtin_isURI",
    "Builtin_isBLANK",
    "Builtin_isLITERAL",
}


def select(context: Context, view: View, values: list[Node]) -> Iterator[Failure]:
    for constraint in values:
        if is_deactivated(context.shapes, constraint):
            continue
        if view.focus != THIS:
            raise NotCompiled("sh:sparql inside another shape")
        text = str(single(list(context.shapes.objects(constraint, SH.select))))
        if "$PATH" in text:
            text = text.replace("$PATH", view.path.text if view.path else "$PATH")
        match = SELECT.fullmatch(text)
        if match is None:
            raise NotCompiled("a SELECT with more than variables and a pattern")
        prefixes = _prefixes(context.shapes, constraint)
        _check(context, _parse(text, prefixes))
        body = _without_prefixes(match.group(1), prefixes)
        _parse(f"SELECT ?this {{ {body} }}", {})
        yield Failure("", f"EXISTS {{ {body} }}", exact=False)


def _parse(text: str, prefixes: dict[str, str]) -> CompValue:
    used = {match[2] for match in NAME.finditer(text) if match[2]}
    if unknown := used - prefixes.keys():
        raise NotCompiled(f"a query with the undeclared prefix {min(unknown)}")
    try:
        return prepareQuery(text, initNs=prefixes).algebra
    except (ParseException, ValueError) as error:
        raise NotCompiled(f"a query that rdflib does not read: {error}") from error


def parsed(shapes: rdflib.Graph, constraint: Node) -> Any:
    """The algebra of a constraint's query. Raises NotCompiled where it cannot be read."""
    text = str(single(list(shapes.objects(constraint, SH.select))))
    return _parse(text, _prefixes(shapes, constraint))


# The prefixes that pySHACL declares for every query.
ALWAYS = {"rdf": str(rdflib.RDF), "rdfs": str(rdflib.RDFS), "owl": str(rdflib.OWL)}


def _prefixes(shapes: rdflib.Graph, constraint: Node) -> dict[str, str]:
    """https://www.w3.org/TR/shacl/#sparql-prefixes"""
    return ALWAYS | {
        str(shapes.value(declaration, SH.prefix)): str(shapes.value(declaration, SH.namespace))
        for owner in shapes.objects(constraint, SH.prefixes)
        for declaration in shapes.objects(owner, SH.declare)
    }


NAME = re.compile(r"""("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|<[^<>\s]*>)|([A-Za-z][\w-]*):([\w-]+)""")


def _without_prefixes(body: str, prefixes: dict[str, str]) -> str:
    """The body with its prefixed names written out, for it moves into another query."""

    def full(match: re.Match[str]) -> str:
        text, prefix, name = match.groups()
        return text or (f"<{prefixes[prefix]}{name}>" if prefix in prefixes else match[0])

    # A comment would swallow what follows the body.
    if "" in prefixes or "#" in NAME.sub("", body):
        raise NotCompiled("a query with a comment, or an empty prefix")
    return NAME.sub(full, body)


def _check(context: Context, algebra: Any) -> None:
    """Raises NotCompiled unless joining is substituting, and engine and rdflib agree."""
    names = set(_names(algebra))
    if extra := names - PATTERNS - FUNCTIONS:
        raise NotCompiled(f"a query with {', '.join(sorted(extra))}")
    if not _binds(algebra):
        raise NotCompiled("a query that does not bind $this")
    variables: set[str] = set()
    predicates: set[URIRef] = set()
    for triple in _triples(algebra):
        for term in triple:
            if isinstance(term, Variable):
                variables.add(str(term))
            elif isinstance(term, SparqlPath):
                predicates.update(_steps(term))
            elif context.constant(term) is None:
                raise NotCompiled("a query with a literal that the engine would change")
        if isinstance(triple[1], URIRef):
            predicates.add(triple[1])
        elif isinstance(triple[1], Variable):
            context.reads.append(Read(None, None))
            context.needs_stored_hierarchy([rdflib.RDFS.subClassOf])
    if variables & {"currentShape", "shapesGraph"}:
        raise NotCompiled("a query about the shapes graph")
    context.needs_stored_hierarchy(predicates)
    context.reads += [Read(None, predicate) for predicate in sorted(predicates)]


def parts(part: Any) -> Iterator[Any]:
    """What a node of rdflib's algebra is made of, one level down."""
    if isinstance(part, CompValue):
        # An EXISTS keeps its pattern as parsed among its items, as translated as an attribute.
        yield from (getattr(part, key) for key in part if key not in ("_vars", "PV"))
    elif isinstance(part, (list, tuple)):
        yield from part


def _names(part: Any) -> Iterator[str]:
    if isinstance(part, CompValue):
        yield part.name
    for inner in parts(part):
        yield from _names(inner)


def _triples(part: Any) -> Iterator[tuple[Any, Any, Any]]:
    if isinstance(part, CompValue) and part.name == "BGP":
        yield from part.triples
        return
    for inner in parts(part):
        yield from _triples(inner)


def _steps(path: Any) -> Iterator[URIRef]:
    """The predicates of rdflib's path; a negated set may be any predicate, and is refused."""
    if getattr(path, "zero", False):
        # Measured: joined with a path that may have no step, the engine tries every node it has.
        raise NotCompiled("a query with a path that may have no step")
    if isinstance(path, URIRef):
        yield path
    elif hasattr(path, "args") and type(path).__name__ != "NegatedPath":
        for step in path.args:
            yield from _steps(step)
    elif hasattr(path, "arg"):
        yield from _steps(path.arg)
    elif hasattr(path, "path"):
        yield from _steps(path.path)
    else:
        raise NotCompiled("a query with a negated property set")


def _mentions(part: Any) -> bool:
    return bool(part == FOCUS) or any(_mentions(inner) for inner in parts(part))


def _binds(part: CompValue) -> bool:
    """Whether each solution of the pattern has $this, and no inner part misses it."""
    match part.name:
        case "BGP":
            return any(FOCUS in triple for triple in part.triples)
        case "Filter":
            # EXISTS sees the solution that its filter stands in.
            return _binds(part.p)
        case "Join":
            return _join_binds(part.p1, part.p2)
        case "LeftJoin":
            return _binds(part.p1) and (_binds(part.p2) or not _mentions(part.p2))
        case "Union":
            return _binds(part.p1) and _binds(part.p2)
    return _binds(part.p)


def _join_binds(one: CompValue, two: CompValue) -> bool:
    bound = _binds(one), _binds(two)
    return any(bound) and all(b or not _mentions(p) for b, p in zip(bound, (one, two), strict=True))
