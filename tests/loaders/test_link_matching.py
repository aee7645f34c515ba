"""What speaks for two keywords meaning the same: small thesauri, and the real ones."""

from __future__ import annotations

import gzip
import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from pyoxigraph import RdfFormat, Triple, parse

from loaders.linking.files import row
from loaders.linking.matching import Match, matches
from loaders.linking.reasons import reason
from loaders.linking.thesaurus import Thesaurus, thesaurus
from loaders.linking.words import compared

LANGUAGES = ("fr", "en", "es")
PREFIXES = """@prefix : <https://{}.example/> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix dcterms: <http://purl.org/dc/terms/> . @prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix igeo: <http://rdf.insee.fr/def/geo#> .
"""


def small(name: str, turtle: str) -> Thesaurus:
    quads = parse((PREFIXES.format(name) + turtle).encode(), format=RdfFormat.TURTLE)
    return thesaurus(name, (quad.triple for quad in quads))


def found(one: str, other: str, *, across: bool = False) -> list[Match]:
    return matches(small("one", one), small("other", other), LANGUAGES, across=across)


def best(one: str, other: str) -> Match:
    return found(one, other)[0]


@pytest.mark.parametrize(
    ("one", "other", "language"),
    [
        ("Énergies renouvelables", "énergie renouvelable", "fr"),
        ("réseaux locaux", "Réseau local", "fr"),
        ("jeux", "jeu", "fr"),
        ("policies", "Policy", "en"),
        ("diseases", "disease", "en"),
        ("gases", "gas", "en"),
        ("ciudades", "ciudad", "es"),
        ("clases", "clase", "es"),
        ("luces", "luz", "es"),
        ("Land-use", "land use", "en"),
    ],
)
def test_plurals_accents_and_punctuation_are_forgiven(one: str, other: str, language: str) -> None:
    assert compared(one, language) == compared(other, language)


@pytest.mark.parametrize(
    ("one", "other", "language"),
    [
        ("news", "new", "xx"),
        ("bus", "bu", "en"),
        ("status", "statu", "en"),
        ("basis", "basi", "en"),
    ],
)
def test_what_is_no_plural_keeps_its_ending(one: str, other: str, language: str) -> None:
    assert compared(one, language) != compared(other, language)


def test_agreement_in_several_languages_raises_the_score() -> None:
    one = ':a skos:prefLabel "marché"@fr .'
    single = best(one, ':b skos:prefLabel "marché"@fr .')
    assert single.score == pytest.approx(0.8)
    one, other = (
        ':a skos:prefLabel "marché"@fr , "market"@en .',
        ':b skos:prefLabel "Marchés"@fr , "market"@en .',
    )
    both = best(one, other)
    assert both.score == pytest.approx(1 - 0.2 * (1 - 0.8 * 0.9))
    assert [evidence.language for evidence in both.evidence] == ["en", "fr"]


def test_a_language_in_which_nothing_agrees_lowers_the_score() -> None:
    match = best(
        ':a skos:prefLabel "taupe"@fr , "mole"@en .', ':b skos:prefLabel "grain"@fr , "mole"@en .'
    )
    assert match.score == pytest.approx(0.8 * 0.9)
    assert match.against == ("fr",)


def test_one_label_on_five_keywords_says_little_of_each() -> None:
    five = " ".join(f':b{n} skos:prefLabel "action"@fr .' for n in range(5))
    all_five = found(':a skos:prefLabel "action"@fr .', five)
    assert len(all_five) == 5
    assert [match.score for match in all_five] == pytest.approx([0.8 / 5] * 5)
    assert "que portent 5 mots-clés" in reason(all_five[0], "fr")
    every = " ".join(f':b{n} skos:prefLabel "action"@fr .' for n in range(30))
    assert not found(':a skos:prefLabel "action"@fr .', every)


def test_a_preferred_label_counts_for_more_than_an_alternative_one() -> None:
    one = ':a skos:prefLabel "travail"@fr .'
    other = """:b skos:prefLabel "travail"@fr .
        :c skos:prefLabel "emploi"@fr ; skos:altLabel "travail"@fr ."""
    first, second = found(one, other)
    assert first.second.iri.endswith("/b")
    assert second.score < first.score / 4


def test_what_is_spelt_alike_is_not_shared_with_what_is_not() -> None:
    other = ':b skos:prefLabel "religion"@fr . :c skos:prefLabel "religions"@fr .'
    first, second = found(':a skos:prefLabel "Religion"@fr .', other)
    assert (first.second.iri[-1], first.score) == ("b", pytest.approx(0.8))
    assert second.score < 0.3


def test_homonyms_of_two_languages_are_matched_only_where_that_is_asked_for() -> None:
    one, other = ':a skos:prefLabel "pain"@fr .', ':b skos:prefLabel "pain"@en .'
    assert not found(one, other)
    (match,) = found(one, other, across=True)
    assert match.score == pytest.approx(0.8 * 0.5)
    assert not found(':a skos:prefLabel "pain" .', other)
    assert found(':a skos:prefLabel "pain" .', other, across=True)


def test_identifiers_agree_within_one_list_only() -> None:
    code = ':{} skos:prefLabel "{}"@fr ; skos:notation "12" ; skos:inScheme {} .'
    one = code.format("a", "un", "<https://lists.example/x>")
    assert not found(one, code.format("b", "deux", "<https://lists.example/y>"))
    match = best(one, code.format("b", "deux", "<https://lists.example/x>"))
    assert match.evidence[0].kind == "notation"
    assert match.score == pytest.approx(0.9 * 0.9)
    typed = ':{} skos:prefLabel "{}"@fr ; skos:notation "12"^^<https://lists.example/code> .'
    assert found(typed.format("a", "un"), typed.format("b", "deux"))


def test_two_that_are_said_to_be_the_same_as_a_third_are_proposed_as_the_same() -> None:
    match = best(
        ':a skos:prefLabel "eau"@fr ; skos:exactMatch <https://third.example/1> .',
        ':b skos:prefLabel "agua"@es ; owl:sameAs <https://third.example/1> .',
    )
    assert match.score == pytest.approx(0.95)
    assert row(match, ("one", "other"), LANGUAGES).relation == "skos:exactMatch"


def test_insee_codes_tell_places_apart_by_their_class() -> None:
    one = ':a skos:prefLabel "Ain"@fr ; igeo:codeINSEE "01" ; a igeo:Departement .'
    places = """:d a igeo:Departement ; igeo:codeINSEE "01" .
        :r a igeo:Region ; igeo:codeINSEE "01" ."""
    department, region = found(one, places)
    assert department.second.iri.endswith("/d")
    assert department.score == pytest.approx(0.9)
    assert region.score < 0.45
    # A concept is of a place, whichever of the two comes first.
    proposal = row(department, ("one", "other"), LANGUAGES)
    assert (proposal.relation, proposal.subject_graph) == ("foaf:focus", "one")
    (turned, _) = matches(small("other", places), small("one", one), LANGUAGES)
    proposal = row(turned, ("other", "one"), LANGUAGES)
    assert (proposal.subject, proposal.subject_graph) == ("https://one.example/a", "one")


def test_a_sentence_is_related_to_the_longest_keywords_that_it_mentions() -> None:
    target = (
        ':t skos:prefLabel "Substantially reduce water pollution by 2030 in all countries"@en .'
    )
    other = """:w skos:prefLabel "water"@en . :p skos:prefLabel "pollution"@en .
        :wp skos:prefLabel "Water pollution"@en ."""
    (match,) = found(target, other)
    assert match.second.iri.endswith("/wp")
    assert row(match, ("one", "other"), LANGUAGES).relation == "skos:relatedMatch"
    assert reason(match, "en") == (
        "One is named in the label of the other in English: “Water pollution”."
    )
    assert not found(':t skos:prefLabel "reduce water pollution"@en .', other)


def test_schemes_and_collections_are_no_keywords() -> None:
    one = ':a a skos:ConceptScheme ; skos:prefLabel "eau"@fr .'
    assert not found(one, ':b skos:prefLabel "eau"@fr .')
    same = "<https://x.example/k> skos:prefLabel 'eau'@fr ."
    assert not found(same, same)


def test_reasons_are_given_in_three_languages() -> None:
    match = best(
        ':a skos:prefLabel "eau"@fr , "water"@en ; skos:altLabel "agua"@es .',
        ':b skos:prefLabel "Eau"@fr , "sea"@en , "agua"@es .',
    )
    assert reason(match, "fr") == (
        "Même libellé préféré en français\u00a0: «\u00a0eau\u00a0»\u00a0; "
        "le libellé préféré du second est un autre libellé du premier en espagnol\u00a0: "
        "«\u00a0agua\u00a0»\u00a0; aucun libellé commun en anglais."
    )
    assert reason(match, "en").endswith("; no common label in English.")
    assert reason(match, "es").startswith("Misma etiqueta preferente en francés: «eau»")


# --- The real thesauri ---


def triples_of(file: Path) -> Iterator[Triple]:
    syntax = RdfFormat.TURTLE if ".ttl" in file.name else RdfFormat.N_TRIPLES
    with gzip.open(file) as stream:
        yield from (quad.triple for quad in parse(stream.read(), format=syntax))


@pytest.fixture(scope="module")
def eurovoc(atlas_data: Path) -> Thesaurus:
    file = atlas_data / "thesaurus-eurovoc-fr-en" / "eurovoc-fr-en-2021-06.nt.gz"
    return thesaurus("eurovoc", triples_of(file))


def test_eurovoc_and_unesco_call_the_same_countries_alike(
    atlas_data: Path, eurovoc: Thesaurus
) -> None:
    file = atlas_data / "thesaurus-unesco" / "unescothes.ttl.gz"
    unesco = thesaurus("unesco", triples_of(file))
    every = matches(eurovoc, unesco, LANGUAGES)
    high = [match for match in every if match.score >= 0.9]
    assert len(high) > 1_000
    named = {match.first.called(["en"]): match.second.called(["en"]) for match in high}
    assert named["Estonia"] == "Estonia"
    assert named["vocational training"] == "Vocational training"
    # The strongest say nothing of a keyword twice.
    assert len({match.first.iri for match in high}) > 0.99 * len(high)
    # The order in which things are read changes nothing.
    shuffled = list(unesco.keywords.items())
    random.Random(4).shuffle(shuffled)
    again = matches(eurovoc, Thesaurus("unesco", dict(shuffled)), LANGUAGES)
    assert [(m.first.iri, m.second.iri, m.score) for m in again] == [
        (m.first.iri, m.second.iri, m.score) for m in every
    ]


def test_the_united_nations_own_subjects_are_found_where_the_text_names_them(
    atlas_data: Path, eurovoc: Thesaurus
) -> None:
    folder = atlas_data / "vocab-un-sdg"
    sdg = thesaurus("sdg", triples_of(folder / "sdg-kos-goals-targets-indicators.ttl.gz"))
    stated = triples_of(folder / "sdg-kos-subject-mappings.ttl.gz")
    gold = {(str(each.subject)[1:-1], str(each.object)[1:-1]) for each in stated}
    gold = {pair for pair in gold if pair[0] in sdg.keywords and pair[1] in eurovoc.keywords}
    assert len(gold) == 167
    every = matches(sdg, eurovoc, LANGUAGES)
    pairs = {(match.first.iri, match.second.iri) for match in every}
    # Two thirds of the subjects are words that no label of the goal, target or indicator holds.
    assert len(gold & pairs) / len(gold) > 0.3
    # What is named in a text is never worth as much as a label of its own.
    assert max(match.score for match in every if match.is_mention) < 0.8
