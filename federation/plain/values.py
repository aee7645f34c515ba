"""What a variable may stand for: the values by which a site is asked for no more than can matter.

Such values may be more than the true ones, never fewer, so each rule here errs on that side.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from pyoxigraph import BlankNode

from federation.query.blocks import written_once
from store.answers import Term


@dataclass(frozen=True)
class Values:
    """The terms that a variable may be; ``blanks``: or any blank node of the sites so named.

    A blank node has no name beyond the answer that holds it, so it is never one of the terms.
    """

    terms: frozenset[Term] = frozenset()
    blanks: frozenset[str] = frozenset()

    @classmethod
    def of(cls, found: Iterable[Term], site: str) -> Values:
        terms = frozenset(found)
        blank = any(isinstance(term, BlankNode) for term in terms)
        if not blank:
            return cls(terms)
        named = frozenset(term for term in terms if not isinstance(term, BlankNode))
        return cls(named, frozenset([site]))

    def __bool__(self) -> bool:
        return bool(self.terms or self.blanks)

    def __or__(self, other: Values) -> Values:
        return Values(self.terms | other.terms, self.blanks | other.blanks)

    def __and__(self, other: Values) -> Values:
        """What may be in both; a value of several writings stays, however it is written there."""
        terms = self.terms & other.terms
        loose = frozenset(term for term in self.terms ^ other.terms if not written_once(term))
        return Values(terms | loose, self.blanks & other.blanks)

    def __sub__(self, other: Values) -> Values:
        return Values(self.terms - other.terms, self.blanks - other.blanks)

    def __len__(self) -> int:
        return len(self.terms) + len(self.blanks)

    def may_be(self, term: Term, site: str) -> bool:
        """Whether a term that this site gave may be one of them."""
        if isinstance(term, BlankNode):
            return site in self.blanks
        return term in self.terms or not written_once(term)


# What is known of variables, by name.
Known = dict[str, Values]
