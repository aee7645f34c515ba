"""What speaks for two keywords of two thesauri meaning the same, and how much.

The score lies between 0 and 1. Each piece of evidence has a strength (``LABELS_AGREE``,
``IDENTIFIERS_AGREE``, ``MENTIONS``), and then:

- what several keywords of one thesaurus bear counts for each by its share of it, where a preferred
  label is worth four alternative ones: one label on five keywords says little;
- in each language the best pair of labels counts, and languages are independent witnesses: the
  score is what is left of doubt when each has taken its part away, 1 - (1 - a)(1 - b)...;
- each language in which both have labels and none agree takes a part off (``DISAGREEMENT``);
- a match is lowered by the better one that either keyword has in the other thesaurus.

Where a label is a sentence (a target of the SDGs), the keywords it mentions are found too: they are
related, not the same, and that is never worth as much.

Languages are compared each with itself; labels of different languages, or of none, only where that
is asked for, and then for less (``ACROSS``).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import prod
from typing import NamedTuple

from loaders.linking.thesaurus import (
    ALTERNATIVE,
    IDENTIFIER,
    INSEE,
    NOTATION,
    PREFERRED,
    SAME,
    Identifier,
    Keyword,
    Thesaurus,
)
from loaders.linking.words import compared, spelt

# How the labels agree, by the kinds of the two.
LABELS_AGREE = {
    (PREFERRED, PREFERRED): 0.8,
    (PREFERRED, ALTERNATIVE): 0.45,
    (ALTERNATIVE, PREFERRED): 0.45,
    (ALTERNATIVE, ALTERNATIVE): 0.2,
}
IDENTIFIERS_AGREE = {SAME: 0.95, NOTATION: 0.9, INSEE: 0.9, IDENTIFIER: 0.7}
LABEL, MENTION = "label", "mention"
# A keyword's label inside a sentence, by its kind and whether it is of several words.
MENTIONS = {
    (PREFERRED, True): 0.4,
    (PREFERRED, False): 0.25,
    (ALTERNATIVE, True): 0.25,
    (ALTERNATIVE, False): 0.1,
}
# Where accents or the plural differ; in two languages; each language that speaks against it.
NEARLY, ACROSS, DISAGREEMENT = 0.9, 0.5, 0.9
WEIGHT = {PREFERRED: 4, ALTERNATIVE: 1}
# A label of so many words is a sentence, which mentions keywords of at most so many.
SENTENCE, LONGEST_MENTION = 6, 5
# What so many keywords of one thesaurus bear says nothing of any, and is passed over.
TOO_MANY = 20
# What more than so many of the sentences mention says less of each, in proportion.
COMMON, COMMON_AT_LEAST = 0.05, 10
ANY = "*"


class Evidence(NamedTuple):
    """``kind``: LABEL, MENTION, or the kind of an identifier. ``language``: of the first text.

    ``first``, ``second``: what each of the two bears; ``strength`` between 0 and 1.
    """

    kind: str
    language: str
    first: str
    second: str
    strength: float
    shared_by: int = 1
    kinds: tuple[str, str] = (PREFERRED, PREFERRED)


@dataclass(frozen=True)
class Match:
    """Two keywords, how likely they belong together, and what speaks for it, best first."""

    first: Keyword
    second: Keyword
    score: float
    evidence: Sequence[Evidence]
    against: tuple[str, ...] = ()

    @property
    def is_mention(self) -> bool:
        return self.evidence[0].kind == MENTION


class Bearer(NamedTuple):
    """A keyword under one of its labels."""

    iri: str
    text: str
    spelt: str
    words: tuple[str, ...]
    kind: str
    language: str


# By language and the compared words, written together: "micro-organism" is "microorganism".
Index = Mapping[tuple[str, str], Sequence[Bearer]]
Found = dict[tuple[str, str], list[Evidence]]


def matches(
    first: Thesaurus, second: Thesaurus, languages: Sequence[str], *, across: bool = False
) -> list[Match]:
    """The pairs for which anything speaks, the best first.

    ``languages``: those whose labels are read; ``across``: whether labels of different languages,
    or of no language, are compared too.
    """
    indexes = [_index(each, languages, across=False) for each in (first, second)]
    found: Found = defaultdict(list)
    for pair, evidence in _by_identifiers(first, second):
        found[pair].append(evidence)
    for pair, evidence in _by_labels(*indexes):
        found[pair].append(evidence)
    if across:
        wide = [_index(each, languages, across=True) for each in (first, second)]
        for pair, evidence in _by_labels(*wide):
            if not any(each.kind == LABEL for each in found.get(pair, ())):
                found[pair].append(evidence)
    mentioned: Found = defaultdict(list)
    for pair, evidence in _by_mentions(*indexes):
        if pair not in found:
            mentioned[pair].append(evidence)
    scored = [_scored(first, second, pair, said, languages) for pair, said in found.items()]
    mentions = [_scored(first, second, pair, said, ()) for pair, said in mentioned.items()]
    every = [*_ranked(scored), *mentions]
    return sorted(every, key=lambda each: (-each.score, each.first.iri, each.second.iri))


def _index(thesaurus: Thesaurus, languages: Sequence[str], *, across: bool) -> Index:
    """Who bears a label, by language and compared form."""
    bearers: dict[tuple[str, str], dict[str, Bearer]] = defaultdict(dict)
    for iri, keyword in thesaurus.keywords.items():
        for label in keyword.labels:
            if label.language not in languages and not (across and not label.language):
                continue
            words = compared(label.text, label.language)
            if not words:
                continue
            key = (ANY if across else label.language, "".join(words))
            known = bearers[key].get(iri)
            if known is None or WEIGHT[label.kind] > WEIGHT[known.kind]:
                bearers[key][iri] = Bearer(
                    iri, label.text, spelt(label.text), words, label.kind, label.language
                )
    return {key: list(found.values()) for key, found in bearers.items() if len(found) < TOO_MANY}


def _share(bearer: Bearer, bearers: Sequence[Bearer], spelling: str) -> tuple[float, int]:
    """The bearer's part of a label, and how many bear it.

    Where it is spelt as is asked for, those that spell it otherwise take nothing from it.
    """
    if bearer.spelt == spelling:
        bearers = [each for each in bearers if each.spelt == spelling]
    return WEIGHT[bearer.kind] / sum(WEIGHT[each.kind] for each in bearers), len(bearers)


def _by_identifiers(
    first: Thesaurus, second: Thesaurus
) -> Iterator[tuple[tuple[str, str], Evidence]]:
    holders: list[dict[Identifier, list[str]]] = []
    for thesaurus in (first, second):
        held: dict[Identifier, list[str]] = defaultdict(list)
        for iri, keyword in thesaurus.keywords.items():
            for identifier in keyword.identifiers:
                held[identifier].append(iri)
        holders.append(held)
    for identifier in sorted(holders[0].keys() & holders[1].keys()):
        ones, others = holders[0][identifier], holders[1][identifier]
        count = max(len(ones), len(others))
        if count >= TOO_MANY:
            continue
        strength = IDENTIFIERS_AGREE[identifier.kind] / count
        value = identifier.value
        evidence = Evidence(identifier.kind, "", value, value, strength, count)
        yield from (((one, other), evidence) for one in ones for other in others if one != other)


def _by_labels(first: Index, second: Index) -> Iterator[tuple[tuple[str, str], Evidence]]:
    for key in sorted(first.keys() & second.keys()):
        for one in first[key]:
            for other in second[key]:
                if one.iri != other.iri:
                    shares = (
                        _share(one, first[key], other.spelt),
                        _share(other, second[key], one.spelt),
                    )
                    yield (one.iri, other.iri), _labels(one, other, min(shares))


def _labels(one: Bearer, other: Bearer, shared: tuple[float, int]) -> Evidence:
    share, shared_by = shared
    kinds = (one.kind, other.kind)
    strength = LABELS_AGREE[kinds] * share
    if one.spelt != other.spelt:
        strength *= NEARLY
    if one.language != other.language:
        strength *= ACROSS
    return Evidence(LABEL, one.language, one.text, other.text, strength, shared_by, kinds)


def _by_mentions(first: Index, second: Index) -> Iterator[tuple[tuple[str, str], Evidence]]:
    """Labels of keywords inside sentences, the longest of those that overlap."""
    for saying, said, is_swapped in ((first, second, False), (second, first, True)):
        sentences = [
            (language, bearer)
            for (language, _), bearers in sorted(saying.items())
            for bearer in bearers
            if len(bearer.words) >= SENTENCE
        ]
        found = [
            (language, sentence, mentioned, shared)
            for language, sentence in sentences
            for mentioned, shared in _mentioned(language, sentence.words, said)
            if mentioned.iri != sentence.iri
        ]
        spoken = Counter(language for language, _ in sentences)
        times = Counter((language, mentioned.iri) for language, _, mentioned, _ in found)
        for language, sentence, mentioned, (share, shared_by) in found:
            usual = max(COMMON_AT_LEAST, COMMON * spoken[language])
            rarity = min(1.0, usual / times[language, mentioned.iri])
            strength = MENTIONS[mentioned.kind, len(mentioned.words) > 1] * share * rarity
            one, other = (mentioned, sentence) if is_swapped else (sentence, mentioned)
            kinds = (one.kind, other.kind)
            texts = (one.text, other.text)
            yield (
                (one.iri, other.iri),
                Evidence(MENTION, language, *texts, strength, shared_by, kinds),
            )


def _mentioned(
    language: str, words: tuple[str, ...], index: Index
) -> Iterator[tuple[Bearer, tuple[float, int]]]:
    """The keywords whose labels are in the sentence, with the share and number of each label."""
    taken = [False] * len(words)
    for length in range(LONGEST_MENTION, 0, -1):
        for start in range(len(words) - length + 1):
            if any(taken[start : start + length]):
                continue
            bearers = index.get((language, "".join(words[start : start + length])))
            if bearers:
                taken[start : start + length] = [True] * length
                yield from ((each, _share(each, bearers, "")) for each in bearers)


def _scored(
    first: Thesaurus,
    second: Thesaurus,
    pair: tuple[str, str],
    said: Sequence[Evidence],
    languages: Sequence[str],
) -> Match:
    """The match of the pair. ``languages``: those that may speak against it."""
    one, other = first.keywords[pair[0]], second.keywords[pair[1]]
    best: dict[tuple[bool, str], Evidence] = {}
    for evidence in said:
        # All identifiers are one witness: whoever wrote one has written the other.
        witness = (evidence.kind in IDENTIFIERS_AGREE, evidence.language)
        if witness not in best or evidence.strength > best[witness].strength:
            best[witness] = evidence
    doubt = prod(1 - evidence.strength for evidence in best.values())
    agreeing = {evidence.language for evidence in best.values()}
    both = _spoken(one) & _spoken(other)
    against = tuple(each for each in languages if each in both and each not in agreeing)
    score = (1 - doubt) * DISAGREEMENT ** len(against)
    ordered = sorted(best.values(), key=lambda each: (-each.strength, each.language))
    return Match(one, other, score, ordered, against)


def _spoken(keyword: Keyword) -> set[str]:
    return {label.language for label in keyword.labels}


def _ranked(found: Sequence[Match]) -> Iterator[Match]:
    """The matches, each lowered by the better one that either of its keywords has."""
    best: dict[str, float] = defaultdict(float)
    for match in found:
        for iri in (match.first.iri, match.second.iri):
            best[iri] = max(best[iri], match.score)
    for match in found:
        better = max(best[match.first.iri], best[match.second.iri])
        yield Match(
            match.first,
            match.second,
            match.score * match.score / better,
            match.evidence,
            match.against,
        )
