"""Triple patterns and property paths, apart from any text.

https://www.w3.org/TR/sparql11-query/#sparqlTriplePatterns, paths by section 9.
"""

from __future__ import annotations

from dataclasses import dataclass

from pyoxigraph import Literal, NamedNode, Variable

from atlas.namespaces import RDF

Term = NamedNode | Literal | Variable

TYPE, FIRST, REST, NIL = (NamedNode(RDF + name) for name in ("type", "first", "rest", "nil"))
# Variables that stand for blank nodes, and for what lies between two steps of a path.
HIDDEN = "atlas_hidden_"


@dataclass(frozen=True)
class Pattern:
    """One triple pattern. Blank nodes have become hidden variables."""

    subject: Term
    predicate: NamedNode | Variable
    object: Term

    @property
    def terms(self) -> tuple[Term, Term, Term]:
        return self.subject, self.predicate, self.object

    @property
    def variables(self) -> tuple[str, ...]:
        """Names of the variables, each once, in their order."""
        return tuple(dict.fromkeys(t.value for t in self.terms if isinstance(t, Variable)))

    @property
    def may_have_blanks(self) -> bool:
        """Whether a triple of it may hold a blank node."""
        return isinstance(self.subject, Variable) or isinstance(self.object, Variable)

    def __str__(self) -> str:
        return f"{self.subject} {self.predicate} {self.object} ."


@dataclass(frozen=True)
class Link:
    """One step over a predicate."""

    predicate: NamedNode


@dataclass(frozen=True)
class Inverse:
    path: Path


@dataclass(frozen=True)
class Chain:
    """One path after another: ``a/b``."""

    parts: tuple[Path, ...]


@dataclass(frozen=True)
class Choice:
    """One path or another: ``a|b``."""

    parts: tuple[Path, ...]


@dataclass(frozen=True)
class Repeated:
    """``p*``, ``p+`` and ``p?``: at least none or one time, at most one or any number of times."""

    path: Path
    least: int
    many: bool


@dataclass(frozen=True)
class Negated:
    """``!(a|^b)``: any predicate but these; ``backward``: those that are excluded the other way."""

    forward: tuple[NamedNode, ...] | None
    backward: tuple[NamedNode, ...] | None


Path = Link | Inverse | Chain | Choice | Repeated | Negated


@dataclass(frozen=True)
class PathPattern:
    """Two ends and a path between them that is not just triples."""

    subject: Term
    path: Choice | Repeated | Negated
    object: Term

    @property
    def variables(self) -> tuple[str, ...]:
        ends = (self.subject, self.object)
        return tuple(dict.fromkeys(t.value for t in ends if isinstance(t, Variable)))


AnyPattern = Pattern | PathPattern


def endless(path: Path) -> bool:
    """Whether a path may have no step at all, so that it joins every node to itself."""
    match path:
        case Repeated(path=inner, least=least):
            return least == 0 or endless(inner)
        case Chain(parts=parts):
            return all(map(endless, parts))
        case Choice(parts=parts):
            return any(map(endless, parts))
        case Inverse(path=inner):
            return endless(inner)
    return False
