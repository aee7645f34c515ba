"""ScrutariData out: what a site gave comes back as it was, and what does not is told."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from xml.etree.ElementTree import Element

import pytest
from defusedxml.ElementTree import fromstring
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import Triple

from endpoint.scrutari.bases import BLOCK
from endpoint.scrutari.xml import MOST_COMPLEMENTS, Complements, Note
from endpoint.wire.answers import WHOLE
from loaders.readers import scrutari
from loaders.readers.scrutari_elements import complement_notes
from loaders.rows import Problems
from store import Generations, LoadJob
from store.parsing.safe_xml import Element as Parsed
from tests.endpoint.published import BASE, SITE, site
from tests.endpoint.serving import Served, serving

KINDS = tuple(f"<{BASE}/id/{kind}/" for kind in ("document", "keyword", "indexation"))
ALL = (*KINDS, *(f"<{BASE}/id/{kind}/" for kind in ("site", "corpus", "thesaurus")))


def imported(path: Path, kinds: tuple[str, ...] = KINDS) -> tuple[set[Triple], Counter[str]]:
    """The triples about things of these kinds that the loader makes, and what it leaves out."""
    source = site(path)
    problems = Problems(source)
    quads = list(scrutari.to_quads(scrutari.read_rows(source, problems), source))
    triples = {quad.triple for quad in quads if str(quad.subject).startswith(kinds)}
    return triples, problems.lost


@pytest.fixture
def exported(published: Served, tmp_path: Path) -> Path:
    """The site's base as the atlas gives it, once it was imported and built."""
    reply = published.fetch("/scrutari/deux-rives.xml")
    assert (reply.status, reply.type) == (200, "application/xml"), reply.text
    path = tmp_path / "exported.xml"
    path.write_bytes(reply.body)
    return path


def test_documents_keywords_and_indexations_come_back_equal(exported: Path) -> None:
    before, _ = imported(SITE)
    after, lost = imported(exported)
    assert len(before) > 60
    assert after == before
    assert not lost, "nothing that we write is unknown to us"


def test_so_do_the_site_its_corpora_and_its_thesauri(exported: Path) -> None:
    before, after = (imported(path, ALL)[0] for path in (SITE, exported))
    assert not before - after
    # What a fiche alone names, elements that nobody knows among it, is a complement of its corpus.
    added = {str(triple.object) for triple in after - before}
    assert {text.partition(": ")[2] for text in added} == {
        'date"',
        'geoloc"@fr',
        'mention"@es',
    }


def test_what_an_import_leaves_out_is_counted_by_name() -> None:
    _, lost = imported(SITE)
    assert lost == {
        "base-metadata/base-icon": 1,
        "base-metadata/slogan": 1,
        "base/publicite": 1,
        "corpus-metadata/intitule-fiche": 1,
        "fiche/fiche-icon": 1,
    }


def test_a_build_tells_what_was_left_out(built: Path) -> None:
    said = " ".join((built.parent / "sources" / "said.txt").read_text("utf-8").split())
    assert "base-metadata/slogan" in said


def document(served: Served, name: str) -> Element:
    found: Element = fromstring(served.fetch(f"/scrutari/{name}.xml").body)
    return found


def test_the_elements_are_those_of_the_format_in_their_order(published: Served) -> None:
    root = document(published, "deux-rives")
    assert root.tag == "base"
    order = [child.tag for child in root]
    assert order[0] == "base-metadata"
    assert list(dict.fromkeys(order[1:])) == ["corpus", "thesaurus", "indexation-group"]
    assert {name for name in order if order.count(name) > 1} >= {"corpus", "indexation-group"}
    metadata = root.find("base-metadata")
    assert metadata is not None
    assert metadata.findtext("authority") == "11111111-2222-3333-4444-555555555555"
    assert metadata.findtext("base-name") == "deux-rives"
    assert {lang.text for lang in metadata.findall("langs-ui/lang")} == {"fr", "en"}
    weights = {
        (item.get("fiche-id"), item.get("motcle-id"), item.get("poids"))
        for item in root.findall("indexation-group[@thesaurus-path='fiche']/indexation")
    }
    assert weights == {
        ("1", "10", "3"),
        ("1", "11", None),
        ("note-x_3.b", "11", None),
        ("1", "10", "12"),
    }


def test_a_fiche_has_its_values_and_each_complement_at_its_place(published: Served) -> None:
    fiche = document(published, "deux-rives").find(".//corpus[@corpus-name='fiche']/fiche")
    assert fiche is not None
    assert fiche.findtext("titre") == "Le square & l'école <du bas>"
    assert fiche.findtext("href") == "https://example.org/fiches/1?a=1&b=2"
    assert [item.text for item in fiche.findall("complement")][:2] == [
        "Un résumé : avec des deux-points: deux fois.",
        "Exempleville",
    ]
    assert [value.text for value in fiche.findall("attr[@key='authors']/val")] == [
        "Camille Exemple",
        "Dominique Exemple",
    ]


def test_the_atlas_s_own_base_has_what_no_site_gave_and_says_what_it_leaves_out(
    published: Served,
) -> None:
    root = document(published, "atlas")
    names = {corpus.get("corpus-name") for corpus in root.findall("corpus")}
    assert names == {"dossier"}, "by class, where a document is in no corpus"
    (fiche,) = root.findall("corpus/fiche")
    assert fiche.get("fiche-id") == "panorama"
    assert (fiche.findtext("titre"), fiche.findtext("lang")) == ("Vue d'ensemble", "fr")
    assert fiche.findtext("href") == f"{BASE}/id/document/panorama"
    assert {item.text for item in fiche.findall("complement")} == {"ici", "Ce dont il s'agit."}
    text = published.fetch("/scrutari/atlas.xml").text
    assert "Not in this file: 1 titles in other languages or words." in text


def test_each_base_is_listed_for_people_and_programs(published: Served) -> None:
    page = published.fetch("/scrutari/", headers={"Accept": "text/html"}).text
    turtle = published.fetch("/scrutari/", headers={"Accept": "text/turtle"}).text
    for name in ("atlas", "deux-rives"):
        assert f"/scrutari/{name}.xml" in page
        assert f"/scrutari/{name}.xml" in turtle


def test_it_is_not_sent_again_while_the_generation_is_the_same(published: Served) -> None:
    first = published.fetch("/scrutari/deux-rives.xml")
    again = published.fetch(
        "/scrutari/deux-rives.xml", headers={"If-None-Match": first.headers["ETag"]}
    )
    assert (again.status, again.body) == (304, b"")
    head = published.fetch("/scrutari/deux-rives.xml", "HEAD")
    assert head.headers["ETag"] == first.headers["ETag"]
    assert head.headers["Content-Length"] == str(len(first.body))
    assert first.headers["Access-Control-Allow-Origin"] == "*"


def test_a_base_that_is_not_there_is_told(published: Served) -> None:
    reply = published.fetch("/scrutari/nowhere.xml")
    assert (reply.status, reply.slug) == (404, "not-found")


def test_a_base_too_large_to_be_kept_is_sent_whole_all_the_same(tmp_path: Path) -> None:
    fiches = "".join(
        f"<fiche fiche-id='{number}'><titre>{'mot ' * 200}{number}</titre></fiche>"
        for number in range(BLOCK + 1)
    )
    metadata = "<base-metadata><base-name>large</base-name></base-metadata>"
    path = tmp_path / "large.xml"
    path.write_text(f"<base>{metadata}<corpus corpus-name='c'>{fiches}</corpus></base>", "utf-8")
    before, _ = imported(path)
    home, lines = tmp_path / "home", tmp_path / "large.nt"
    home.mkdir()
    lines.write_text("".join(f"{triple} .\n" for triple in imported(path, ALL)[0]), "utf-8")
    generations = Generations(home)
    with generations.stage() as staging:
        staging.load([LoadJob(lines, site(path).graph)])
        generations.publish(staging, {})
    with serving(home, ATLAS_CACHE_BYTES="0", ATLAS_WORKERS="1") as server:
        reply = server.fetch("/scrutari/large.xml")
    assert len(reply.body) > WHOLE
    path.write_bytes(reply.body)
    after, _ = imported(path)
    assert after == before


NAMES = st.text("ab:", min_size=1, max_size=3)
TAGS = st.sampled_from(["fr", "es", None])


@given(
    known=st.lists(st.dictionaries(TAGS, NAMES, max_size=2), max_size=3),
    said=st.lists(st.tuples(NAMES, NAMES, st.booleans()), max_size=5),
    language=TAGS,
)
def test_a_reader_gets_each_note_from_the_complement_that_it_was_written_as(
    known: list[dict[str | None, str]], said: list[tuple[str, str, bool]], language: str | None
) -> None:
    notes = [Note(name, text, language if tagged else None) for name, text, tagged in said]
    complements = Complements([*known])
    places = complements.places(notes, language)
    fiche = Parsed("fiche", {}, 1)
    fiche.children = [Parsed("complement", {}, 1, text) for text in places]
    names = [dict(each) for each in complements.names]
    assert sorted(complement_notes(fiche, names, language), key=repr) == sorted(
        ((f"{note.name}: {note.text}", note.tag) for note in notes), key=repr
    )


def test_a_corpus_has_only_so_many_complements() -> None:
    complements = Complements()
    for number in range(MOST_COMPLEMENTS + 5):
        complements.places([Note(f"name {number}", "text", None)], "fr")
    assert len(complements.names) == MOST_COMPLEMENTS
    assert complements.left_out == 5
