"""Harvests of real sites on loopback, from their answers to the generation that is served."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from atlas.errors import (
    DataError,
    Forbidden,
    InstanceError,
    InvalidData,
    MalformedSource,
    PartnerFailed,
    PartnerLimit,
)
from atlas.settings import Settings
from federation.exchange.gate import Gate
from federation.partner import Partner
from loaders import build as building
from loaders.extra import sources_of
from loaders.harvests.report import sentences
from loaders.harvests.run import Harvest, Harvested, Options
from loaders.progress import Display
from store import Generations, disk
from tests.loaders.harvesting import LOOPBACK, harvested, holds, served, told
from tests.loaders.sites import Site

BASE = "https://example.org/atlas"
GRAPH = f"{BASE}/graph/partner-site"
FIXTURES = Path(__file__).parent / "fixtures"
SCRUTARI = (FIXTURES / "scrutari-small.xml").read_bytes()
PREFIXES = """
@prefix : <https://site.example/> .
@prefix atlas: <https://w3id.org/atlas-relationnel/ontology/> .
@prefix dcat: <http://www.w3.org/ns/dcat#> .
@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
"""
PAPER = f'{PREFIXES} :paper a atlas:Document ; dcterms:title "Propos"@fr .\n'
RDF_XML = """<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
  xmlns:rdfs="http://www.w3.org/2000/01/rdf-schema#">
<rdf:Description rdf:about="https://site.example/other"><rdfs:label>O</rdfs:label></rdf:Description>
</rdf:RDF>"""

Run = Callable[..., Harvested]


@pytest.fixture
def run(settings: Settings, site: Site) -> Run:
    """Harvest the site: its entry says ``given``, the operator ``options``."""

    def run(*, options: dict[str, Any] | None = None, **given: Any) -> Harvested:
        partner = Partner("site", addresses=LOOPBACK, **given)
        return harvested(settings, partner, **(options or {}))

    return run


def entry(settings: Settings) -> dict[str, Any]:
    return next(g for g in served(settings.home).record["graphs"] if g["name"] == "partner-site")


def asks(settings: Settings, pattern: str, **dataset: Any) -> bool:
    prefixes = PREFIXES.replace("@prefix", "PREFIX").replace(" .\n", "\n")
    return holds(settings.home, f"{prefixes} ASK {{ {pattern} }}", **dataset)


# --- What is served, of every kind ---


def test_scrutari_data_goes_into_the_partner_s_own_graph_with_whose_it_is(
    run: Run, site: Site, settings: Settings
) -> None:
    dump = site.puts("/scrutari.xml", SCRUTARI, "text/xml")
    licence = "https://creativecommons.org/licenses/by/4.0/"
    harvested = run(dump=dump, licence=licence, title={"fr": "Site d'exemple"})
    assert harvested.kind == "scrutari"
    document = f"<{BASE}/id/document/partner-site-exemple-fiche-1>"
    assert asks(settings, f"{document} a atlas:Document", default_graphs=[GRAPH])
    assert asks(settings, f"{document} a atlas:Document")
    graph = entry(settings)
    assert graph["title"] == dict.fromkeys(("fr", "en", "es"), "Site d'exemple")
    assert (graph["licence"], graph["licence_verified"]) == (licence, True)
    assert graph["source"] == dump
    assert asks(settings, f"<{GRAPH}> dcterms:source <{dump}> ; dcterms:license <{licence}>")
    assert "2 documents new" in told(harvested)
    assert "Le square et l'école" in told(harvested)


def test_what_is_there_again_is_neither_fetched_nor_published_again(
    run: Run, site: Site, settings: Settings
) -> None:
    dump = site.puts("/scrutari.xml", SCRUTARI)
    run(dump=dump)
    again = run(dump=dump)
    assert site.statuses == [200, 304]
    assert again.changes is None
    assert served(settings.home).number == 1
    (sentence,) = sentences(again, dry=False)
    assert "nothing has changed since" in sentence
    assert "generation 1 stays served" in sentence


def test_another_form_of_the_same_data_publishes_nothing(
    run: Run, site: Site, settings: Settings
) -> None:
    blank = f"{PAPER} :paper dcterms:creator [ rdfs:label 'A' ] , [ rdfs:label 'B' ] ."
    dump = site.puts("/data", blank, "text/turtle", validated=False)
    run(dump=dump)
    files = sorted((settings.home / "loaded").rglob("*.*"))
    swapped = f"{PAPER} :paper dcterms:creator [ rdfs:label 'B' ] , [ rdfs:label 'A' ] .# other"
    site.puts("/data", swapped, "text/turtle", validated=False)
    assert run(dump=dump).changes is None
    assert served(settings.home).number == 1
    assert sorted((settings.home / "loaded").rglob("*.*")) == files


def test_what_changed_is_told_by_triples_and_by_things(
    run: Run, site: Site, settings: Settings
) -> None:
    more = ':old a atlas:Document ; dcterms:title "Old"@en .'
    run(dump=site.puts("/data.ttl", f"{PAPER} {more}"))
    changed = PAPER.replace("Propos", "Propos revu")
    added = ':new a atlas:Document ; dcterms:title "New"@en . :word a skos:Concept .'
    harvested = run(dump=site.puts("/data.ttl", f"{changed} {added}"))
    changes = harvested.changes
    assert changes
    assert (changes.added, changes.removed, changes.after) == (4, 3, 5)
    documents = changes.things["documents"]
    assert documents.new == {"https://site.example/new": "New"}
    assert documents.changed == {"https://site.example/paper": "Propos revu"}
    assert documents.gone == {"https://site.example/old": "Old"}
    assert changes.things["keywords"].new == {"https://site.example/word": ""}
    lines = told(harvested).splitlines()
    assert lines[0] == (
        "site: 1 document new, 1 document changed, 1 document gone, 1 keyword new; "
        "4 triples more, 3 fewer (5 in all)."
    )
    assert lines[-1].startswith("Generation 2 is served")
    assert not asks(settings, ":old ?p ?o")


def test_a_later_build_keeps_what_was_harvested(run: Run, site: Site, settings: Settings) -> None:
    run(dump=site.puts("/data.ttl", PAPER))
    quiet = Display(Console(file=io.StringIO()))
    built = building.build(settings, sources_of(settings), display=quiet)
    assert not built.published
    building.build(settings, sources_of(settings), force=True, display=quiet)
    assert asks(settings, ":paper a atlas:Document", default_graphs=[GRAPH])


@pytest.mark.slow
def test_a_rehearsal_validates_and_leaves_everything_as_it_was(
    run: Run, site: Site, settings: Settings
) -> None:
    run(dump=site.puts("/data.ttl", PAPER))

    def state() -> dict[Path, bytes]:
        files = [path for path in settings.home.rglob("*") if path.is_file()]
        return {path: path.read_bytes() for path in files}

    before = state()
    more = ':more a atlas:Document ; dcterms:title "More"@en .'
    dump = site.puts("/data.ttl", PAPER + more)
    harvested = run(dump=dump, options={"dry": True})
    assert "1 document new" in told(harvested, dry=True)
    assert "Nothing was published" in told(harvested, dry=True)
    assert state() == before
    site.puts("/data.ttl", f"{PAPER} :x a atlas:Commune, atlas:Municipality .")
    with pytest.raises(InvalidData, match="The harvest of site is refused"):
        run(dump=dump, options={"dry": True})


def test_a_catalogue_gives_one_rdf_file_for_each_dataset(
    run: Run, site: Site, settings: Settings
) -> None:
    site.puts("/a.ttl", PAPER, "text/turtle")
    site.puts("/b.rdf", RDF_XML, "application/rdf+xml")
    catalogue = f"""{PREFIXES}
    <> a dcat:Catalog ; dcat:dataset :a , :b , :c , :d .
    :a dcat:distribution [ dcat:downloadURL <a.nt> ; dcterms:format "N-Triples" ] ,
        [ dcat:downloadURL <a.ttl> ; dcat:mediaType
            <https://www.iana.org/assignments/media-types/text/turtle> ] .
    :b dcat:distribution [ dcat:accessURL <b.rdf> ; dcterms:format
        <http://publications.europa.eu/resource/authority/file-type/RDF_XML> ] .
    :c dcat:distribution [ dcat:downloadURL <c.csv> ] ; dcterms:title "Only a table" .
    :d dcat:distribution [ dcat:downloadURL <https://elsewhere.example/d.ttl> ] .
    """
    harvested = run(dump=site.puts("/catalogue", catalogue, "text/turtle"))
    assert harvested.kind == "dcat"
    assert asks(settings, ":paper a atlas:Document . :other rdfs:label ?label")
    assert not asks(settings, "?catalogue a dcat:Catalog", default_graphs=[GRAPH])
    assert [path for _, path, _ in site.asked] == ["/catalogue", "/a.ttl", "/b.rdf"]
    text = told(harvested)
    assert "The dataset Only a table was not read: it has no RDF file." in text
    assert "https://elsewhere.example/d.ttl was not read" in text
    site.statuses.clear()
    run(dump=f"{site.address}/catalogue")
    assert site.statuses == [200, 304, 304]


# --- What a partner may say ---


def test_a_partner_says_nothing_of_our_terms_nor_of_our_graphs(
    run: Run, site: Site, settings: Settings
) -> None:
    said = f"""{PAPER}
    atlas:Document rdfs:subClassOf atlas:Commune ; rdfs:label "nonsense"@en .
    skos:Concept rdfs:subClassOf atlas:Commune .
    <{BASE}/graph/ontology> dcterms:license <https://site.example/mine> .
    :Sheet rdfs:subClassOf atlas:Document .
    <{BASE}/id/commune/1> rdfs:label "A commune of yours"@en .
    """
    harvested = run(dump=site.puts("/data.ttl", said))
    assert harvested.changes
    assert harvested.changes.after == 4
    assert "4 statements about the atlas's own terms and graphs" in told(harvested)
    assert asks(settings, f":Sheet rdfs:subClassOf atlas:Document . <{BASE}/id/commune/1> ?p ?o")
    for pattern in (
        'atlas:Document rdfs:label "nonsense"@en',
        "skos:Concept rdfs:subClassOf ?class",
        f"<{BASE}/graph/ontology> dcterms:license <https://site.example/mine>",
    ):
        assert not asks(settings, pattern, default_graphs=[GRAPH])


def test_a_partner_s_axioms_make_nothing_of_our_things(
    run: Run, site: Site, settings: Settings
) -> None:
    axioms = f"""{PAPER} :cites owl:inverseOf dcterms:title ; rdfs:subPropertyOf atlas:indexedBy .
    :paper :cites :other . :Sheet rdfs:subClassOf atlas:Document . :x a :Sheet ; dcterms:title "X" .
    """
    run(dump=site.puts("/data.ttl", axioms))
    assert not asks(settings, ":paper atlas:indexedBy ?x")
    assert not asks(settings, ":x a atlas:Document")


def test_a_harvest_that_the_shapes_refuse_leaves_what_is_served(
    run: Run, site: Site, settings: Settings
) -> None:
    dump = site.puts("/data.ttl", PAPER)
    run(dump=dump)
    site.puts("/data.ttl", f"{PAPER} :untitled a atlas:Document .")
    with pytest.raises(InvalidData, match=r"The harvest of site is refused.*has a title"):
        run(dump=dump)
    assert served(settings.home).number == 1
    assert len(list((settings.home / "loaded" / "partner-site").iterdir())) == 1
    site.puts("/data.ttl", PAPER)
    assert run(dump=dump).changes is None


def test_what_is_missing_and_only_wanted_is_told(run: Run, site: Site) -> None:
    dossier = ':d a atlas:Dossier ; dcterms:title "Dossier"@fr .'
    harvested = run(dump=site.puts("/data.ttl", f"{PAPER} {dossier}"))
    assert harvested.findings["warning"] >= 1
    assert "The shapes refuse nothing, and find more that is only wanted (" in told(harvested)
    apart = run(dump=f"{site.address}/data.ttl", options={"publish": "named"})
    assert apart.findings == {"warning": 2}  # The dossier, and the licence that nobody stated.


def test_records_that_cannot_be_used_are_told_and_the_rest_is_taken(run: Run, site: Site) -> None:
    odd = (FIXTURES / "scrutari-odd.xml").read_bytes()
    harvested = run(dump=site.puts("/odd.xml", odd))
    text = told(harvested)
    assert "records could not be used as they are, such as:" in text
    assert "line 14: field 'fiche-id' is '1'" in text


def test_what_a_partner_wrote_cannot_command_the_terminal(run: Run, site: Site) -> None:
    titled = PAPER.replace("Propos", "Red\\u001B[31m \\u202Eesrever")
    text = told(run(dump=site.puts("/data.ttl", titled)))
    assert "Red�[31m �esrever" in text


# --- Licences ---


def test_one_harvest_at_a_time_and_what_a_killed_one_left_is_swept(
    run: Run, site: Site, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    dump = site.puts("/data.ttl", PAPER)
    left = settings.home / "harvests" / "tmpleft"
    left.mkdir(parents=True)
    (left / "data.ttl").touch()
    monkeypatch.setattr(disk, "PATIENCE", 0.0)
    with (
        disk.locked(settings.home / "harvests" / "lock"),
        pytest.raises(InstanceError, match=r"Another atlas is writing to .*harvests"),
    ):
        run(dump=dump)
    assert site.asked == []
    run(dump=dump)
    assert not left.exists()


def test_a_licence_that_nobody_stated_is_not_verified(
    run: Run, site: Site, settings: Settings
) -> None:
    harvested = run(dump=site.puts("/data.ttl", PAPER))
    graph = entry(settings)
    assert graph["licence"] == "http://spdx.org/rdf/terms#noassertion"
    assert graph["licence_verified"] is False
    assert "Its licence (not known) is not verified" in told(harvested)


def test_the_licence_of_a_catalogue_is_kept_as_what_the_partner_says(
    run: Run, site: Site, settings: Settings
) -> None:
    site.puts("/a.ttl", PAPER, "text/turtle")
    licence = "https://site.example/licence"
    catalogue = f"""{PREFIXES} :a a dcat:Dataset ; dcterms:license <{licence}> ;
        dcat:distribution [ dcat:downloadURL <a.ttl> ] ."""
    harvested = run(dump=site.puts("/catalogue", catalogue, "text/turtle"))
    assert (entry(settings)["licence"], entry(settings)["licence_verified"]) == (licence, False)
    assert f"Its licence ({licence}) is not verified" in told(harvested)


def test_share_alike_stays_apart_unless_the_operator_says_otherwise(
    run: Run, site: Site, settings: Settings
) -> None:
    dump = site.puts("/data.ttl", PAPER)
    licence = "https://creativecommons.org/licenses/by-sa/4.0/"
    harvested = run(dump=dump, licence=licence)
    assert not asks(settings, ":paper a atlas:Document")
    assert asks(settings, ":paper a atlas:Document", default_graphs=[GRAPH])
    assert "It is in its own graph only (named)" in told(harvested)
    run(dump=dump, licence=licence, options={"publish": "default"})
    assert asks(settings, ":paper a atlas:Document")
    run(dump=site.puts("/data.ttl", f"{PAPER} :x rdfs:label 'X' ."), licence=licence)
    assert entry(settings)["publish"] == "default"


def test_another_licence_in_the_entry_publishes_the_same_data_again(
    run: Run, site: Site, settings: Settings
) -> None:
    dump = site.puts("/data.ttl", PAPER)
    run(dump=dump)
    licence = "https://site.example/licence"
    harvested = run(dump=dump, licence=licence)
    assert "the data have not changed (2 triples), but its entry has" in told(harvested)
    assert entry(settings)["licence"] == licence


# --- Sites that are out of order ---


@pytest.mark.parametrize(
    ("body", "given", "reason"),
    [
        (
            "<!DOCTYPE html><html><body>Soon</body></html>",
            {},
            r"serves a web page \(HTML\) at http",
        ),
        ("<html><head>", {"media_type": "text/turtle"}, "serves a web page"),
        ("", {"media_type": "text/turtle"}, "serves an empty file at"),
        ("Error 42", {"media_type": "text/plain"}, "serves text/plain at .* neither RDF nor"),
        ("<rss version='2.0'/>", {}, "serves XML whose root is 'rss'"),
        ("PK\x03\x04 and more", {}, "serves a zip archive"),
        (PAPER, {"status": 500}, "answers .*/data with the status 500"),
        (PAPER, {"status": 302, "headers": {"Location": "https://other.example/"}}, "redirects to"),
        (PAPER, {"length": len(PAPER) + 10, "media_type": "text/turtle"}, "before .* whole"),
        (
            "<urn:a> <urn:b> <urn:c> .\n",
            {"length": -1, "media_type": "application/n-triples"},
            "without saying how long it is",
        ),
    ],
)
def test_a_site_that_serves_something_else_is_told_in_one_sentence(
    body: str, given: dict[str, Any], reason: str, run: Run, site: Site, settings: Settings
) -> None:
    with pytest.raises(PartnerFailed, match=reason) as caught:
        run(dump=site.puts("/data", body, **given))
    assert str(caught.value).startswith("The partner site ")
    assert Generations(settings.home).current() is None
    assert not (settings.home / "extra-sources.toml").exists()


def test_half_a_file_is_no_harvest(run: Run, site: Site, settings: Settings) -> None:
    dump = site.puts("/data.xml", SCRUTARI)
    run(dump=dump)
    site.puts("/data.xml", SCRUTARI[: len(SCRUTARI) // 2])
    with pytest.raises(
        MalformedSource, match=r"The partner site, http.*/data.xml, line \d+: "
    ) as e:
        run(dump=dump)
    assert "not well-formed" in str(e.value)
    assert str(settings.home) not in str(e.value)
    assert served(settings.home).number == 1


def test_a_site_that_has_lost_most_of_its_data_is_not_believed(
    run: Run, site: Site, settings: Settings
) -> None:
    many = "".join(f':d{n} a atlas:Document ; dcterms:title "D{n}" . ' for n in range(10))
    dump = site.puts("/data.ttl", f"{PREFIXES} {many}")
    run(dump=dump)
    site.puts("/data.ttl", PAPER)
    with pytest.raises(DataError, match=r"gives 2 triples where it gave 20: .*--accept-loss"):
        run(dump=dump)
    run(dump=dump, options={"accept_loss": True})
    assert asks(settings, ":paper ?p ?o")
    site.puts("/data.ttl", "# nothing\n", "text/turtle")
    with pytest.raises(DataError, match="not one triple"):
        run(dump=dump, options={"accept_loss": True})


def test_more_bytes_than_allowed_are_not_fetched(site: Site, run: Run, settings: Settings) -> None:
    object.__setattr__(settings, "harvest_bytes", 1000)
    dump = site.puts("/data.ttl", PAPER + "#" * 1000, "text/turtle")
    with pytest.raises(PartnerLimit, match=r"more than 1,000 bytes \(ATLAS_HARVEST_BYTES\)"):
        run(dump=dump)


def test_only_who_may_be_harvested_is_asked(run: Run, site: Site, settings: Settings) -> None:
    dump = site.puts("/data.ttl", PAPER)
    with pytest.raises(Forbidden, match="does not allow the use harvest"):
        run(dump=dump, uses=frozenset({"service"}))
    partner = Partner("site", dump=dump)
    work = Harvest(
        settings,
        partner,
        Options(),
        gate=Gate(),
        display=Display(Console(file=io.StringIO())),
        say=lambda text: None,
    )
    with pytest.raises(Forbidden, match="of this machine"):
        work.run()
    assert site.asked == []


HOSTILE = ("turtle", "rdfxml", "jsonld")
HARMLESS = {
    "bom.ttl",
    "csv-formula-injection.nt",
    "integer-100k-digits.ttl",
    "nul-char.nt",
    "utf16-bom.rdf",
    "proto-pollution.jsonld",
}
HEAVY = {"deep-bnodes-100k.ttl.gz", "prefixes-100k.ttl.gz"}


@pytest.mark.slow
def test_hostile_files_are_one_sentence_each(
    run: Run, site: Site, settings: Settings, atlas_data: Path
) -> None:
    files = [path for name in HOSTILE for path in (atlas_data / "evil-inputs" / name).iterdir()]
    assert len(files) > 20
    for path in sorted(files):
        if path.name in HARMLESS | HEAVY:
            continue
        dump = site.puts(f"/{path.name}", path.read_bytes())
        with pytest.raises((MalformedSource, PartnerFailed)) as caught:
            run(dump=dump)
        said = str(caught.value)
        assert said.startswith("The partner site"), path.name
        assert len(said) < 600, path.name
        assert "Traceback" not in said
        assert str(settings.home) not in said, path.name
    assert Generations(settings.home).current() is None
    assert list((settings.home / "harvests").iterdir()) == [settings.home / "harvests" / "lock"]


def test_harmless_oddities_are_harvested(
    run: Run, site: Site, settings: Settings, atlas_data: Path
) -> None:
    path = atlas_data / "evil-inputs" / "rdfxml" / "utf16-bom.rdf"
    run(dump=site.puts("/utf16.rdf", path.read_bytes()))
    assert entry(settings)["triples"] > 1


# --- What files take in from elsewhere ---


def test_the_contexts_of_a_partner_are_put_into_its_json_ld(
    run: Run, site: Site, settings: Settings
) -> None:
    site.puts("/inner.json", '{"@context": {"title": "http://purl.org/dc/terms/title"}}')
    site.puts("/context.json", '{"@context": ["inner.json", {"id": "@id"}]}')
    document = '{"@context": "context.json", "id": "https://site.example/a", "title": "A"}'
    dump = site.puts("/data.jsonld", document, "application/ld+json")
    run(dump=dump)
    assert asks(settings, ':a dcterms:title "A"')
    # The file is the same, and its context is not.
    site.puts("/inner.json", '{"@context": {"title": "http://purl.org/dc/terms/alternative"}}')
    run(dump=dump)
    assert asks(settings, ':a dcterms:alternative "A"')


@pytest.mark.parametrize(
    ("context", "reason"),
    [
        ('"https://elsewhere.example/context"', "whose context is at https://elsewhere.example"),
        ('"http://169.254.169.254/latest"', "whose context is at http://169.254"),
        ('"file:///etc/passwd"', "whose context is at file:///etc/passwd"),
        ('"loop.json"', "takes in too many contexts"),
        ('"none.json"', "serves no JSON-LD context at"),
    ],
)
def test_a_context_that_cannot_be_had_is_told(
    context: str, reason: str, run: Run, site: Site
) -> None:
    site.puts("/loop.json", '{"@context": ["loop.json"]}')
    site.puts("/none.json", '{"a": 1}')
    document = f'{{"@context": {context}, "@id": "https://site.example/a", "http://e/p": "A"}}'
    with pytest.raises(PartnerFailed, match=reason):
        run(dump=site.puts("/data.jsonld", document))


def test_what_a_file_imports_is_read_where_it_is_the_partner_s(
    run: Run, site: Site, settings: Settings
) -> None:
    other = site.puts(
        "/other.ttl", f"{PREFIXES} :other rdfs:label 'O' . <> owl:imports <data.ttl> ."
    )
    imports = f":o owl:imports <{other}> , <https://elsewhere.example/o> ."
    harvested = run(dump=site.puts("/data.ttl", f"{PAPER} {imports}"))
    assert asks(settings, ":paper ?p ?o . :other ?q ?r")
    assert "https://elsewhere.example/o is imported and not read" in told(harvested)


def test_a_file_brought_by_hand_is_the_partner_s_too(
    run: Run, site: Site, settings: Settings
) -> None:
    file = FIXTURES / "scrutari-small.xml"
    harvested = run(dump=f"{site.address}/scrutari.xml", options={"file": file})
    assert harvested.kind == "scrutari"
    assert site.asked == []
    again = run(dump=f"{site.address}/scrutari.xml", options={"file": file})
    assert again.changes is None
    site.puts("/scrutari.xml", SCRUTARI)
    assert run(dump=f"{site.address}/scrutari.xml").changes is None
