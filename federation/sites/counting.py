"""Counts what a partner holds by queries that are bounded, or looks at some of it.

A count stands only where it agrees with another one: some endpoints cut what they send and do not
say so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from pyoxigraph import Literal, NamedNode

from atlas.errors import PartnerFailed, PartnerLimit, QueryTimeout
from federation.exchange.client import Client
from federation.partner import Partner
from federation.rows import Row
from federation.run import Run
from federation.sites.describing import Description
from federation.sites.summaries import COUNTED, SAMPLED, VOID, PredicateSummary, Summary, authority
from ontology.namespaces import PREFIXES
from store.answers import Term

TYPE = f"{PREFIXES['rdf']}type"
# Of so many predicates, the most used first, is it asked where their IRIs come from.
LOOKED_INTO = 200
# A predicate whose IRIs come from more places than this is not told apart by them.
AUTHORITIES = 50
# Triples looked at where they cannot be counted.
SAMPLE = 5_000
# Rows asked for to see whether answers are cut: many endpoints end them at ten thousand.
PROBED = 10_001
# More names than this in one query some endpoints refuse.
LISTED = 300
# Where so many queries fail, the partner is not asked for authorities any more.
PATIENCE = 2

UNANSWERED = (PartnerFailed, PartnerLimit, QueryTimeout)

TOTAL = "SELECT (COUNT(*) AS ?n) WHERE { ?s ?p ?o }"
BY_PREDICATE = "SELECT ?name (COUNT(*) AS ?n) WHERE { ?s ?name ?o } GROUP BY ?name"
BY_CLASS = "SELECT ?name (COUNT(*) AS ?n) WHERE { ?s a ?name } GROUP BY ?name"
ONE_COLUMN = "SELECT ?s WHERE {{ ?s ?p ?o }} LIMIT {0}"
SOME = "SELECT ?s ?p ?o WHERE {{ ?s ?p ?o }} LIMIT {0}"
# https://www.rfc-editor.org/rfc/rfc3986#section-3.2, without regular expressions: engines differ.
AUTHORITY = """BIND(IF(isIRI({0}), IF(CONTAINS(STR({0}), "://"),
    CONCAT(STRBEFORE(STR({0}), "://"), "://",
      STRBEFORE(CONCAT(STRAFTER(STR({0}), "://"), "/"), "/")),
    CONCAT(STRBEFORE(STR({0}), ":"), ":")), "") AS {0}_)"""
OF_SUBJECT, OF_OBJECT = AUTHORITY.format("?s"), AUTHORITY.format("?o")


@dataclass(frozen=True)
class Asking:
    """One partner, asked on one account."""

    client: Client
    partner: Partner
    run: Run

    def rows(self, text: str) -> list[Row] | None:
        """The solutions, None where the partner refuses, fails, or would send too many."""
        try:
            return self.client.select(self.partner, text, self.run).rows
        except UNANSWERED:
            return None

    def number(self, text: str) -> int | None:
        rows = self.rows(text)
        return _number(rows[0][0]) if rows else None

    def none(self, text: str) -> bool:
        """Whether an ASK is answered, and with no."""
        try:
            return not self.client.ask(self.partner, text, self.run)
        except UNANSWERED:
            return False


def summarise(client: Client, partner: Partner, description: Description, run: Run) -> Summary:
    """The summary of what the partner's default graph holds, as far as it can be told.

    Raises Forbidden.
    """
    asking = Asking(client, partner, run)
    total = asking.number(TOTAL)
    summary = (
        published(asking, description, total)
        or counted(asking, total)
        or replace(incomplete(asking, description), triples=total)
    )
    return replace(
        with_authorities(asking, with_classes(asking, summary, description)),
        licences=description.licences,
        vocabularies=description.vocabularies,
        features=description.features,
        endpoint=partner.endpoint,
        cut=cut_at(asking, summary.triples),
    )


def cut_at(asking: Asking, total: int | None) -> int | None:
    """Rows after which an answer ends although there are more, None where it does not.

    Only as far as the partner's limit of rows, past which an answer is refused anyway.
    """
    wanted = min(total or 0, PROBED, asking.partner.limits.rows)
    rows = asking.rows(ONE_COLUMN.format(wanted)) if wanted else None
    return len(rows) if rows is not None and len(rows) < wanted else None


def published(asking: Asking, description: Description, total: int | None) -> Summary | None:
    """What the partner's VoID lists, if it is this endpoint's, whole, and of today.

    Its parts must make its whole, its whole what is there now, and no predicate be left out.
    """
    properties = description.properties
    parts = sum(properties.values())
    if total is None or not properties or not parts == description.triples == total:
        return None
    listed = ", ".join(f"<{iri}>" for iri in properties)
    unlisted = f"ASK {{ ?s ?p ?o FILTER(?p NOT IN ({listed})) }}"
    if len(properties) > LISTED or not asking.none(unlisted):
        return None
    return summary_of(VOID, properties, total, complete=True)


def counted(asking: Asking, total: int | None) -> Summary | None:
    """All predicates, counted by one query; None where the endpoint does not answer it.

    What it counts is whole only where the parts make the total: an answer may be cut short.
    """
    counts = _counts(asking.rows(BY_PREDICATE))
    if counts is None:
        return None
    named, parts = counts
    return summary_of(COUNTED, named, total, complete=parts == total)


def incomplete(asking: Asking, description: Description) -> Summary:
    """What is said or seen to be there, where nothing can be counted: never what is not."""
    if description.properties:
        return summary_of(VOID, description.properties, None, complete=False)
    rows = asking.rows(SOME.format(min(SAMPLE, asking.partner.limits.rows))) or []
    predicates = {iri: PredicateSummary() for iri in _iris(row[1] for row in rows)}
    types = (row[2] for row in rows if isinstance(row[1], NamedNode) and row[1].value == TYPE)
    classes = dict.fromkeys(_iris(types), 0)
    return Summary(_now(), predicates=predicates, classes=classes, source=SAMPLED)


def summary_of(
    source: str, properties: Mapping[str, int], total: int | None, *, complete: bool
) -> Summary:
    predicates = {iri: PredicateSummary(count) for iri, count in properties.items() if count}
    return Summary(_now(), total, predicates, complete=complete, source=source)


def with_classes(asking: Asking, summary: Summary, description: Description) -> Summary:
    """The classes, listed whole where their entities make all triples of ``rdf:type``."""
    if summary.source == SAMPLED:
        return summary
    typed = summary.predicates.get(TYPE, PredicateSummary(0)).triples
    known = summary.complete and typed is not None
    if known and typed == 0:
        return replace(summary, classes_complete=True)
    said = description.classes
    if known and summary.source == VOID and sum(said.values()) == typed:
        return replace(summary, classes=said, classes_complete=True)
    counts = _counts(asking.rows(BY_CLASS))
    if counts is None:
        return replace(summary, classes=said)
    named, parts = counts
    return replace(summary, classes=named, classes_complete=known and parts == typed)


def with_authorities(asking: Asking, summary: Summary) -> Summary:
    """Where the IRIs of each predicate come from, of the most used ones, a few at a time."""
    counted = {iri: known.triples or 0 for iri, known in summary.predicates.items()}
    by_use = sorted(filter(counted.get, counted), key=lambda iri: (-counted[iri], iri))
    found: dict[str, PredicateSummary] = {}
    failed = 0
    step = max(1, asking.partner.limits.concurrency)
    look = _looking(asking, summary)
    with ThreadPoolExecutor(step) as pool:
        for start in range(0, min(len(by_use), LOOKED_INTO), step):
            batch = by_use[start : start + step]
            for iri, seen in zip(batch, pool.map(look, batch), strict=True):
                failed += seen is None
                if seen is not None:
                    found[iri] = seen
            if failed >= PATIENCE or not asking.run.left:
                break
    return replace(summary, predicates={**summary.predicates, **found})


def _looking(asking: Asking, summary: Summary) -> Callable[[str], PredicateSummary | None]:
    """What is found of one predicate, None where the partner does not answer."""

    def look(iri: str) -> PredicateSummary | None:
        known = summary.predicates[iri]
        rows = asking.rows(both_ends(iri))
        if rows is not None and _is_whole(rows, known):
            return replace(
                known,
                subjects=_authorities(row[1] for row in rows),
                objects=_authorities(row[2] for row in rows),
                literals=any(_is_true(row[3]) for row in rows),
            )
        if rows is not None:
            rows = asking.rows(one_end(iri))
        if rows is None:
            return None
        whole = _is_whole(rows, known)
        return replace(known, subjects=_authorities(row[1] for row in rows) if whole else None)

    return look


def both_ends(iri: str) -> str:
    """How many triples of a predicate have each pair of authorities."""
    return f"""SELECT (COUNT(*) AS ?n) ?s_ ?o_ ?literal WHERE {{ ?s <{iri}> ?o
  {OF_SUBJECT}
  {OF_OBJECT}
  BIND(isLiteral(?o) AS ?literal) }} GROUP BY ?s_ ?o_ ?literal LIMIT {AUTHORITIES + 1}"""


def one_end(iri: str) -> str:
    """The same of its subjects alone: objects may come from everywhere."""
    return f"""SELECT (COUNT(*) AS ?n) ?s_ WHERE {{ ?s <{iri}> ?o
  {OF_SUBJECT} }} GROUP BY ?s_ LIMIT {AUTHORITIES + 1}"""


def _is_whole(rows: Sequence[Row], known: PredicateSummary) -> bool:
    """Whether the groups are few, and hold together every triple that the predicate has."""
    numbers = [_number(row[0]) or 0 for row in rows]
    return len(rows) <= AUTHORITIES and sum(numbers) == known.triples


def _authorities(values: Iterable[Term | None]) -> frozenset[str] | None:
    """None where one cannot be told: then nothing is known of them."""
    found = set()
    for value in values:
        if not isinstance(value, Literal):
            return None
        if value.value:
            found.add(authority(value.value))
    return frozenset(found)


def _counts(rows: list[Row] | None) -> tuple[dict[str, int], int] | None:
    """Numbers by IRI, and all of them together, those of what is no IRI among them."""
    if rows is None:
        return None
    numbers = [(row[0], _number(row[1])) for row in rows]
    if any(number is None for _, number in numbers):
        return None
    named = {name.value: number or 0 for name, number in numbers if isinstance(name, NamedNode)}
    return named, sum(number or 0 for _, number in numbers)


def _number(term: Term | None) -> int | None:
    try:
        return int(term.value) if isinstance(term, Literal) else None
    except ValueError:
        return None


def _is_true(term: Term | None) -> bool:
    return isinstance(term, Literal) and term.value in ("true", "1")


def _iris(terms: Iterable[Term | None]) -> list[str]:
    return [term.value for term in terms if isinstance(term, NamedNode)]


def _now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)
