"""ScrutariData on files written by hand from the format: no real one was to be had."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from atlas.errors import BadRow
from loaders.readers import scrutari
from loaders.rows import Problems
from loaders.sources import Source

FIXTURES = Path(__file__).parent / "fixtures"
MakeSource = Callable[..., Source]
Read = Callable[[Source], set[str]]


@pytest.fixture
def fixture(make_source: MakeSource) -> Callable[..., Source]:
    def make(name: str, **given: object) -> Source:
        return make_source(kind="scrutari", paths={"file": FIXTURES / name}, **given)

    return make


@pytest.fixture
def written(tmp_path: Path, make_source: MakeSource) -> Callable[..., Source]:
    """A source of one base, ``base``, with this content after its metadata."""

    def make(content: str, **given: object) -> Source:
        path = tmp_path / "data.xml"
        metadata = "<base-metadata><base-name>base</base-name></base-metadata>"
        path.write_text(f"<base>{metadata}\n{content}</base>")
        return make_source(kind="scrutari", paths={"file": path}, **given)

    return make


def about(subject: str, lines: set[str]) -> set[str]:
    return {line.removeprefix(f"{subject} ") for line in lines if line.startswith(f"{subject} ")}


def read(source: Source) -> tuple[set[str], list[str]]:
    """The titles that come through, and the fields that are reported with their lines."""
    problems = Problems(source)
    rows = list(scrutari.read_rows(source, problems))
    titles = {row.title for row in rows if isinstance(row, scrutari.Fiche)}
    return titles, [row.partition("data.xml, line ")[2] or row for row in problems.rows]


def test_a_fiche_becomes_a_document_with_all_that_is_said_of_it(
    fixture: MakeSource, triples: Read
) -> None:
    lines = triples(fixture("scrutari-small.xml"))
    assert about(":document/small-exemple-fiche-1", lines) == {
        "a atlas:Document",
        "atlas:inCorpus :corpus/exemple-fiche",
        "atlas:publishedOn :site/exemple",
        'dcterms:identifier "1"',
        'dcterms:title "Le square et l\'école"@fr',
        'dcterms:alternative "Deux services se parlent"@fr',
        'dcterms:date "2019-04"^^xsd:gYearMonth',
        'dcterms:language "fr"',
        "<http://xmlns.com/foaf/0.1/page <https://example.org/fiches/1",
        '<http://purl.org/dc/elements/1.1/creator "Camille Exemple"',
        '<http://purl.org/dc/elements/1.1/creator "Dominique Exemple"',
        "atlas:indexedBy :keyword/exemple-motcle-10",
        "atlas:indexedBy :keyword/exemple-motcle-11",
        'skos:note "Résumé: Comment deux services ont refait un square."@fr',
        'skos:note "Lieu: Exempleville"@fr',
        'skos:note "exemple:statut: relue"',
        'skos:note "geoloc: 48.5 6.25"@fr',
    }


def test_a_title_is_all_that_a_fiche_needs(fixture: MakeSource, triples: Read) -> None:
    lines = triples(fixture("scrutari-small.xml"))
    assert about(":document/small-exemple-fiche-2", lines) == {
        "a atlas:Document",
        "atlas:inCorpus :corpus/exemple-fiche",
        "atlas:publishedOn :site/exemple",
        'dcterms:identifier "2"',
        'dcterms:title "A title is all that this one has"',
    }


def test_a_base_is_a_site_with_corpora_and_thesauri(fixture: MakeSource, triples: Read) -> None:
    lines = triples(fixture("scrutari-small.xml"))
    assert about(":site/exemple", lines) == {
        "a atlas:ResourceSite",
        'rdfs:label "Site d\'exemple"@fr',
        'rdfs:label "Example site"@en',
        'dcterms:title "Site d\'exemple pour les tests"@fr',
        'dcterms:language "fr"',
        'dcterms:language "en"',
        'skos:note "authority: 11111111-2222-3333-4444-555555555555"',
    }
    assert about(":corpus/exemple-fiche", lines) == {
        "a atlas:Corpus",
        "atlas:corpusOf :site/exemple",
        'rdfs:label "Fiches"@fr',
        'skos:note "complement 1: Résumé"@fr',
        'skos:note "complement 1: Summary"@en',
        'skos:note "complement 2: Lieu"@fr',
        "<http://xmlns.com/foaf/0.1/page <https://example.org/fiches",
    }
    assert about(":thesaurus/exemple-motcle", lines) == {
        "a atlas:Thesaurus",
        "dcterms:isPartOf :site/exemple",
        'rdfs:label "Mots-clés"@fr',
    }
    assert about(":keyword/exemple-motcle-10", lines) == {
        "a atlas:Keyword",
        "skos:inScheme :thesaurus/exemple-motcle",
        'skos:prefLabel "espaces publics"@fr',
        'skos:prefLabel "public spaces"@en',
    }


def test_only_an_indexation_with_a_weight_is_a_node_of_its_own(
    fixture: MakeSource, triples: Read
) -> None:
    lines = triples(fixture("scrutari-small.xml"))
    nodes = {line for line in lines if line.startswith(":indexation/")}
    assert about(":indexation/exemple.fiche.1.motcle.10", nodes) == {
        "a atlas:Indexation",
        "atlas:indexedDocument :document/small-exemple-fiche-1",
        "atlas:indexingKeyword :keyword/exemple-motcle-10",
        'atlas:weight "3"^^xsd:integer',
    }
    assert len(nodes) == 4


def test_both_groupings_of_values_and_any_order_of_groups_give_the_same_graph(
    fixture: MakeSource, triples: Read
) -> None:
    assert triples(fixture("scrutari-repeated.xml")) == triples(fixture("scrutari-small.xml"))


def test_the_option_gives_the_class_of_a_corpus(fixture: MakeSource, triples: Read) -> None:
    source = fixture("scrutari-small.xml", options={"classes": {"fiche": "CaseSheet"}})
    assert "a atlas:CaseSheet" in about(":document/small-exemple-fiche-2", triples(source))


def test_what_is_wrong_is_told_with_its_line_and_the_rest_is_read(
    fixture: MakeSource, triples: Read
) -> None:
    source = fixture("scrutari-odd.xml", on_error="skip")
    problems = Problems(source)
    rows = list(scrutari.read_rows(source, problems))
    told = [row.partition("line ")[2] for row in problems.rows]
    assert sorted((int(row.partition(":")[0]), row.split("'")[1]) for row in told) == [
        (10, "date"),
        (11, "date"),
        (12, "href"),
        (13, "titre"),
        (14, "fiche-id"),
        (15, "fiche-id"),
        (19, "lib"),
        (23, "poids"),
        (24, "fiche-id"),
        (25, "motcle-id"),
        (27, "corpus-path"),
    ]
    assert {row.id for row in rows if isinstance(row, scrutari.Fiche)} == set("12345")
    lines = triples(source)
    assert 'skos:note "date: printemps 1998"' in about(":document/small-curieux-note-3", lines)
    assert about(":keyword/curieux-mot-a", lines) >= {
        'skos:prefLabel "premier"@fr',
        'skos:altLabel "second"@fr',
    }
    assert 'skos:prefLabel "mot"' in about(":keyword/curieux-mot-c", lines)
    # The weight that is none leaves the indexation as it would be without it.
    assert not [line for line in lines if line.startswith(":indexation/")]


def test_dates_keep_their_precision(fixture: MakeSource, triples: Read) -> None:
    lines = triples(fixture("scrutari-odd.xml", on_error="skip"))
    assert {line.split()[2] for line in lines if " dcterms:date " in line} == {
        '"1998"^^xsd:gYear',
        '"1998-02-28"^^xsd:date',
    }


def test_a_source_that_stops_stops_at_the_first_bad_value(fixture: MakeSource) -> None:
    source = fixture("scrutari-odd.xml", on_error="stop")
    with pytest.raises(BadRow, match=r"scrutari-odd\.xml, line 14: field 'fiche-id' is '1'"):
        list(scrutari.read_rows(source, Problems(source)))


def test_complements_without_a_name_are_numbered(written: MakeSource, triples: Read) -> None:
    fiche = "<fiche fiche-id='1'><titre>T</titre><complement/><complement>second</complement>"
    lines = triples(written(f"<corpus corpus-name='c'>{fiche}</fiche></corpus>"))
    assert 'skos:note "complement 2: second"' in about(":document/small-base-c-1", lines)


def test_a_complement_is_tagged_only_where_its_name_is_in_the_fiche_s_language(
    written: MakeSource, triples: Read
) -> None:
    names = "<complement-metadata><lib xml:lang='en'>Summary</lib></complement-metadata>"
    fiche = "<fiche fiche-id='1'><titre>T</titre><lang>fr</lang><complement>mot</complement>"
    metadata = f"<corpus-metadata>{names}</corpus-metadata>"
    lines = triples(written(f"<corpus corpus-name='c'>{metadata}{fiche}</fiche></corpus>"))
    assert 'skos:note "Summary: mot"' in about(":document/small-base-c-1", lines)


def test_values_are_plain_text_on_one_line(written: MakeSource, triples: Read) -> None:
    fiche = "<fiche fiche-id='1'><titre>\n  A &lt;b&gt; title,\n  on two lines </titre></fiche>"
    lines = triples(written(f"<corpus corpus-name='c'>{fiche}</corpus>"))
    title = 'dcterms:title "A <b title, on two lines"'
    assert title in about(":document/small-base-c-1", lines)


def test_two_records_whose_iris_would_be_one_are_told(written: MakeSource) -> None:
    content = (
        "<corpus corpus-name='a'><fiche fiche-id='b-1'><titre>First</titre></fiche></corpus>\n"
        "<corpus corpus-name='a-b'><fiche fiche-id='1'><titre>Second</titre></fiche></corpus>"
    )
    titles, told = read(written(content, on_error="skip"))
    assert titles == {"First"}
    assert told == ["3: field 'fiche-id' is '1': it, or one whose IRI is alike, is there."]


def test_an_element_in_the_wrong_place_is_told_and_passed_over(written: MakeSource) -> None:
    content = (
        "<thesaurus thesaurus-name='t'>\n<fiche fiche-id='1'><titre>Lost</titre></fiche>"
        "</thesaurus>\n<corpus><fiche fiche-id='1'><titre>Nameless</titre></fiche></corpus>"
    )
    titles, told = read(written(content, on_error="skip"))
    assert titles == set()
    assert [row.split(":")[0] for row in told] == ["3", "4"]


def test_an_indexation_that_leads_to_another_base_is_told(written: MakeSource) -> None:
    content = (
        "<corpus corpus-name='c'><fiche fiche-id='1'><titre>T</titre></fiche></corpus>"
        "<thesaurus thesaurus-name='t'><motcle motcle-id='m'><lib>mot</lib></motcle></thesaurus>"
        "<indexation-group corpus-path='c' thesaurus-path='elsewhere/t'>"
        "<indexation fiche-id='1' motcle-id='m'/></indexation-group>"
    )
    _, told = read(written(content, on_error="skip"))
    assert told == [
        "2: field 'thesaurus-path' is 'elsewhere/t': it leads to no thesaurus of this base."
    ]


def test_what_is_left_out_is_counted_by_name(written: MakeSource) -> None:
    source = written(
        "<corpus corpus-name='c'><corpus-metadata><corpus-icon>i</corpus-icon></corpus-metadata>"
        "<fiche fiche-id='1'><titre>T</titre><titre>again</titre><lang>no language</lang>"
        "<fiche-icon>i</fiche-icon><fiche-icon>j</fiche-icon><mention>kept</mention></fiche>"
        "</corpus><news><item/></news>"
    )
    problems = Problems(source)
    list(scrutari.read_rows(source, problems))
    assert problems.lost == {
        "base/news": 1,
        "news/item": 1,
        "corpus-metadata/corpus-icon": 1,
        "fiche/fiche-icon": 2,
        "fiche/titre": 1,
        "fiche/lang that is no language tag": 1,
    }
    assert not problems.rows
