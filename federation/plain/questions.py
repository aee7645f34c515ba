"""What one site is asked for one step: in blocks of values, at once, or not at all."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from typing import Protocol, TypeVar

from pyoxigraph import NamedNode, Triple, Variable

from atlas.errors import PartnerFailed
from federation.exchange.abreast import abreast
from federation.partner import ALL, IRIS, NONE
from federation.plain.selection import Chosen
from federation.plain.sources import HERE, Source
from federation.plain.values import Values
from federation.query.blocks import Column, condition, unequal, written_once
from federation.query.patterns import Pattern
from federation.query.writing import term
from federation.rows import Rows
from federation.run import Run
from federation.sites.summaries import authority
from store.answers import Term

# Instead of more blocks of values than this, one question without any is asked: if it brings hardly
# more, and in any case.
MANY_BLOCKS, MOST_BLOCKS = 20, 100
# So many values of a further variable are given along with the block's.
FEW = 50


class Asking(Protocol):
    """What is asked of one site, in one query or several, each with the number of its values."""

    source: Source

    def texts(self) -> list[tuple[str, int]]: ...


Asked = TypeVar("Asked", bound=Asking)


class Question:
    """Patterns that one site is asked for, limited by what is known of one variable.

    ``by``: that variable, "" for none; ``values``: what the site is asked of it. ``limit``: rows
    that are enough.
    """

    def __init__(
        self,
        chosen: Chosen,
        patterns: Sequence[Pattern],
        filters: Sequence[str],
        known: Mapping[str, Values],
        limit: int | None,
    ) -> None:
        self.source, self.patterns, self.limit = chosen.source, tuple(patterns), limit
        names = list(dict.fromkeys(name for p in patterns for name in p.variables))
        limited = {name: self.possible(name, known[name]) for name in names if name in known}
        self.by = min(limited, key=lambda name: len(limited[name]), default="")
        self.values = limited.get(self.by, Values())
        body = " ".join(map(str, patterns))
        rest = [f for name, values in limited.items() if name != self.by for f in few(name, values)]
        self.body = " ".join([body, *(rest if self.source.sends == ALL else []), *filters])
        self.shown = " ".join(f"?{name}" for name in names)
        self.free = not self.by or self.source.sends == NONE or self.whole(chosen.estimate)

    def possible(self, name: str, values: Values) -> Values:
        """Those of the values that the site may have where the variable stands."""
        site = frozenset([self.source.name])
        terms = values.terms
        for authorities in self.authorities(name):
            terms = frozenset(
                term
                for term in terms
                if not isinstance(term, NamedNode) or authority(term.value) in authorities
            )
        return Values(terms, values.blanks & site)

    def authorities(self, name: str) -> Iterator[frozenset[str]]:
        """The authorities of the site's IRIs in each place of the variable, where it is known."""
        summary = self.source.summary
        for pattern in self.patterns if summary is not None else ():
            known = (
                summary.predicates.get(pattern.predicate.value)
                if summary is not None and isinstance(pattern.predicate, NamedNode)
                else None
            )
            if known is None:
                continue
            for end, found in ((pattern.subject, known.subjects), (pattern.object, known.objects)):
                if isinstance(end, Variable) and end.value == name and found is not None:
                    yield found

    def whole(self, estimate: int) -> bool:
        """Whether all is asked for: that is less than the values, or they are too many."""
        if any(map(unsayable, self.values.terms)):
            return True
        values, block = len(self.values), self.source.limits.block
        if values <= block or self.source.name == HERE:
            return False
        return (
            estimate <= block
            or (values > MANY_BLOCKS * block and estimate <= 2 * values)
            or values > MOST_BLOCKS * block
        )

    def texts(self) -> list[tuple[str, int]]:
        """The queries, each with the number of values in it; none where none can have a row."""
        if self.free:
            return [(self.select([self.body]), 0)]
        site, block = self.source, self.source.limits.block
        told, untold = self.told()
        # This atlas has each value in one writing, the one that its engine gives these too.
        once = [one for one in told if site.name == HERE or written_once(one)]
        loose = [one for one in told if site.name != HERE and not written_once(one)]
        made = []
        for start in range(0, max(1, len(once)), block):
            part = once[start : start + block]
            groups = (
                [f"VALUES ?{self.by} {{ {' '.join(map(term, part))} }} {self.body}"] if part else []
            )
            size = len(part)
            # What cannot be looked up goes with the first block, all of it.
            if start == 0:
                size += len(loose)
                if loose:
                    groups.append(f"{self.body} {condition(Column(self.by, loose))}")
                if site.name in self.values.blanks:
                    groups.append(f"{self.body} FILTER(isBlank(?{self.by}))")
                if untold:
                    groups.append(f"{self.body} FILTER(isLiteral(?{self.by}))")
            if groups:
                made.append((self.select(groups), size))
        return made

    def told(self) -> tuple[list[Term], bool]:
        """The values that may be sent to the site, and whether others have to be kept from it."""
        terms = sorted(self.values.terms, key=str)
        if self.source.sends != IRIS:
            return terms, False
        named: list[Term] = [term for term in terms if isinstance(term, NamedNode)]
        return named, len(named) < len(terms)

    def select(self, groups: Sequence[str]) -> str:
        limit = "" if self.limit is None else f" LIMIT {self.limit}"
        return f"SELECT {self.shown} WHERE {{ {united(groups)} }}{limit}"


def unsayable(value: Term) -> bool:
    """Whether a site cannot be asked for a value: NaN equals nothing, triple terms few can read."""
    return isinstance(value, Triple) or unequal(value)


def few(name: str, values: Values) -> list[str]:
    if values.blanks or not 0 < len(values.terms) <= FEW:
        return []
    if any(map(unsayable, values.terms)):
        return []
    return [condition(Column(name, sorted(values.terms, key=str)))]


def ask_all(questions: Iterable[Asked], run: Run, pool: Executor) -> Iterator[tuple[Asked, Rows]]:
    """Ask all of them at once. Raises what their sites raise; ``run.partial`` passes over some."""
    asked = [
        (question, text, values) for question in questions for text, values in question.texts()
    ]

    def ask(one: tuple[Asked, str, int]) -> Rows | None:
        question, text, values = one
        if question.source.name in run.left_out:
            return None
        try:
            return question.source.select(text, run, bindings=values)
        except PartnerFailed as error:
            if not run.partial:
                raise
            run.leave_out(question.source.name, error.did)
            return None

    answers = abreast(ask, asked, run, pool)
    for (question, _, _), rows in zip(asked, answers, strict=True):
        if rows is not None:
            yield question, rows


class Blanks:
    """All triples of some patterns that hold blank nodes, in one question.

    ``renamed``: of each pattern, the variables that it has there instead of its own.
    """

    def __init__(self, source: Source, patterns: Sequence[Pattern]) -> None:
        self.source = source
        self.renamed = {
            pattern: {name: f"{name}_{number}" for name in pattern.variables}
            for number, pattern in enumerate(patterns)
        }

    def texts(self) -> list[tuple[str, int]]:
        groups = []
        for pattern, names in self.renamed.items():
            terms = [
                f"?{names[term.value]}" if isinstance(term, Variable) else str(term)
                for term in pattern.terms
            ]
            ends = [f"isBlank({term})" for term in (terms[0], terms[2]) if term.startswith("?")]
            groups.append(f"{' '.join(terms)} FILTER({' || '.join(ends)})")
        return [(f"SELECT * WHERE {{ {united(groups)} }}", 0)] if groups else []


def united(groups: Sequence[str]) -> str:
    return groups[0] if len(groups) == 1 else " UNION ".join(f"{{ {group} }}" for group in groups)
