"""A question as the page shows it: why it ranks, its sides with their documents, its relations."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from atlas.namespaces import ATLAS
from endpoint.language import translate
from endpoint.names import Names, Value
from endpoint.solutions import Solution
from endpoint.view import View
from endpoint.web.matrix.relations import Evidence, Sentence, sentences
from endpoint.web.passages import passage
from endpoint.web.star.drawing import Spoke, Star, star
from endpoint.wire.addresses import nameable

COMMUNITY = ATLAS + "ProfessionalCommunity"
TYPES = "https://w3id.org/atlas-relationnel/vocabulary/relation-types/"
SHARED, CROSSES = TYPES + "sharedBy", TYPES + "crossesDomain"


@dataclass(frozen=True)
class Side:
    """A community or a site to choose, with what is counted of it."""

    iri: str
    value: Value
    community: bool
    questions: int
    documents: int
    descriptors: int
    chosen: bool


@dataclass(frozen=True)
class Column:
    """One side of one question: the sentences that put it there, and its documents."""

    side: Side
    sentences: Sequence[Sentence]
    documents: Sequence[Evidence]


@dataclass
class Card:
    """One question. ``crossing_documents`` say that it crosses domains; ``rest`` is what else.

    ``classed`` is how many experiences their source classes in each of the domains, by IRI.
    """

    iri: str
    value: Value
    sides: int
    domains: int
    relations: int
    documents: int
    experiences: int
    reason: str
    columns: Sequence[Column]
    elsewhere: Sequence[Evidence]
    crosses: Sequence[Sentence]
    crossing_documents: Sequence[Evidence]
    classed: Mapping[str, int]
    rest: Sequence[Sentence]
    picture: Star | None
    mentions: Sequence[Value] = field(default_factory=list)


def cards(view: View, ranked: Sequence[Solution], sides: Sequence[Side]) -> list[Card]:
    """The questions of the ranked rows, in their order, with all that is known of each."""
    if not ranked:
        return []
    questions = " ".join(row.text("question") for row in ranked)
    relations = view.ask("question_relations", questions=questions)
    documents = view.ask(
        "question_documents", questions=questions, sides=" ".join(side.iri for side in sides)
    )
    mentions = view.ask("question_mentions")
    classed = experiences_by_domain(view, relations)
    names = view.names(_named(ranked, relations, documents, mentions))
    told = {one.iri: one for one in sentences(view, relations, names)}
    return [
        _card(row, sides, told, _of(row, relations), _of(row, documents), names, mentions, classed)
        for row in ranked
    ]


def _named(*answers: Iterable[Solution]) -> set[str]:
    keys = ("question", "relation", "source", "type", "target", "document", "thing")
    return {row.text(key) for rows in answers for row in rows for key in keys} - {""}


def _of(row: Solution, rows: Iterable[Solution]) -> list[Solution]:
    return [other for other in rows if other.text("question") == row.text("question")]


def experiences_by_domain(view: View, relations: Iterable[Solution]) -> Counter[str]:
    """How many experiences their source classes in each domain that the relations cross."""
    crossed = (row.text("target") for row in relations if row.text("type") == CROSSES)
    domains = {domain for domain in crossed if nameable(domain)}
    if not domains:
        return Counter()
    rows = view.ask("question_domain_experiences", domains=" ".join(sorted(domains)))
    return Counter(
        domain for domain, _ in {(row.text("domain"), row.text("experience")) for row in rows}
    )


def _card(
    row: Solution,
    sides: Sequence[Side],
    told: Mapping[str, Sentence],
    relations: Sequence[Solution],
    documents: Sequence[Solution],
    names: Names,
    mentions: Sequence[Solution],
    classed: Mapping[str, int],
) -> Card:
    iri = row.text("question")
    mine = [told[key] for key in dict.fromkeys(one.text("relation") for one in relations)]
    columns = [_column(side, mine, documents, told, names) for side in sides]
    placed = {id(one) for column in columns for one in column.sentences}
    rest = [one for one in mine if id(one) not in placed and one.type_iri != CROSSES]
    return Card(
        iri=iri,
        value=names.value(iri),
        sides=row.number("sides"),
        domains=row.number("domains"),
        relations=row.number("relations"),
        documents=row.number("documents"),
        experiences=row.number("experiences"),
        reason=reason(row, sides, sum(bool(column.documents) for column in columns)),
        columns=[column for column in columns if column.sentences or column.documents],
        elsewhere=evidence((one for one in documents if not one.text("side")), names),
        crosses=[one for one in mine if one.type_iri == CROSSES],
        crossing_documents=evidence(
            (one for one in relations if one.text("type") == CROSSES and one.text("document")),
            names,
        ),
        classed=classed,
        rest=rest,
        picture=star(names.value(iri), [_spoke(one, iri) for one in mine]) if mine else None,
        mentions=[names.value(one.text("thing")) for one in _of(row, mentions)],
    )


def _column(
    side: Side,
    mine: Sequence[Sentence],
    documents: Sequence[Solution],
    told: Mapping[str, Sentence],
    names: Names,
) -> Column:
    """What puts a question on a side: a community shares it, or a site's document speaks of it."""
    rows = [row for row in documents if row.text("side") == side.iri]
    if side.community:
        said = [one for one in mine if one.type_iri == SHARED and one.target_iri == side.iri]
    else:
        # A relation of which a part is missing is no sentence, though it may name a document.
        tied = dict.fromkeys(iri for row in rows if (iri := row.text("relation")) in told)
        said = [told[iri] for iri in tied if told[iri].type_iri != CROSSES]
    return Column(side, said, evidence(rows, names))


def evidence(rows: Iterable[Solution], names: Names) -> list[Evidence]:
    """The documents of the rows, each once, with every passage."""
    found: dict[str, Evidence] = {}
    for row in rows:
        iri = row.text("document")
        one = found.setdefault(iri, Evidence(names.value(iri)))
        where = passage(row.text("locator"))
        if where and where not in one.passages:
            one.passages.append(where)
    return list(found.values())


def sort_of(sides: Sequence[Side]) -> str:
    """What the sides are, for the words about them."""
    kinds = {side.community for side in sides}
    return "both" if len(kinds) > 1 else "communities" if True in kinds else "corpora"


def reason(row: Solution, sides: Sequence[Side], documented: int) -> str:
    """Why the question ranks where it does, in words, in the order in which it counts."""
    parts = []
    if row.number("sides"):
        parts.append(translate(f"questions.reason.{sort_of(sides)}", count=row.number("sides")))
    if row.number("domains"):
        parts.append(translate("questions.reason.domains", count=row.number("domains")))
    count = row.number("documents")
    if count and documented > 1:
        parts.append(translate("questions.reason.documents.sides", count=count, sides=documented))
    else:
        parts.append(translate("questions.reason.documents", count=count))
    if row.number("relations"):
        parts.append(translate("questions.reason.relations", count=row.number("relations")))
    return translate("questions.reason.joined").join(parts)


def _spoke(one: Sentence, centre: str) -> Spoke:
    if one.source_iri == centre:
        return Spoke(one.verb, "from", one.target, one.status)
    return Spoke(one.verb, "to", one.source, one.status)
