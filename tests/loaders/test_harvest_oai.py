"""Harvests of a real OAI-PMH repository on loopback: lists in pages, sets, faults and lies."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit
from xml.sax.saxutils import escape

import pytest
from rich.console import Console

from atlas.errors import AtlasError, Forbidden, MissingTool, PartnerFailed, PartnerLimit, UsageError
from atlas.settings import Settings
from federation.partner import Limits, Partner
from loaders import build as building
from loaders import extra
from loaders.harvests import oai as harvest_oai
from loaders.harvests.oai import repository
from loaders.harvests.run import Harvested
from loaders.progress import Display
from store import Generations
from tests.listening import listening
from tests.loaders.harvesting import LOOPBACK, harvested, holds, told

BASE = "https://example.org/atlas"
PREFIXES = f"""
PREFIX : <{BASE}/id/>
PREFIX atlas: <https://w3id.org/atlas-relationnel/ontology/>
PREFIX dc: <http://purl.org/dc/elements/1.1/>
PREFIX dcterms: <http://purl.org/dc/terms/>
PREFIX foaf: <http://xmlns.com/foaf/0.1/>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>
"""
DOCUMENT = f"<{BASE}/id/document/partner-site-oai%3Aexample%3A{{}}>"


@dataclass(frozen=True)
class Item:
    """A record. ``dc``: its Dublin Core as XML."""

    number: int
    dc: str = ""
    sets: tuple[str, ...] = ()
    deleted: bool = False

    def xml(self, prefix: str) -> str:
        p = prefix
        sets = "".join(f"<{p}setSpec>{name}</{p}setSpec>" for name in self.sets)
        status = ' status="deleted"' if self.deleted else ""
        header = (
            f"<{p}header{status}>"
            f"<{p}identifier>oai:example:{self.number}</{p}identifier>"
            f"<{p}datestamp>2026-01-01</{p}datestamp>{sets}</{p}header>"
        )
        dc = self.dc or f"<dc:title>Record {self.number}</dc:title>"
        metadata = (
            f"<{p}metadata><oai_dc:dc xmlns:oai_dc='http://www.openarchives.org/OAI/2.0/oai_dc/' "
            f"xmlns:dc='http://purl.org/dc/elements/1.1/'>{dc}</oai_dc:dc></{p}metadata>"
        )
        return f"<{p}record>{header}{'' if self.deleted else metadata}</{p}record>"


FULL = Item(
    1,
    """<dc:title xml:lang="fr">Le square et l'école</dc:title>
    <dc:title>The square and the school</dc:title><dc:title>A square</dc:title>
    <dc:creator>Example, A.</dc:creator><dc:creator>Example, B.</dc:creator>
    <dc:date>2019</dc:date><dc:date>2020-05-01T10:00:00Z</dc:date><dc:language>eng</dc:language>
    <dc:description>What a square &lt;does&gt;.</dc:description>
    <dc:subject>Public space</dc:subject><dc:subject xml:lang="fr">Espace public</dc:subject>
    <dc:subject>http://vocabulary.example/1</dc:subject>
    <dc:identifier>https://site.example/1</dc:identifier>
    <dc:identifier>doi:10.9999/1</dc:identifier><dc:publisher>Example press</dc:publisher>""",
    ("sheets", "sheets:cases"),
)
MANY = (FULL, Item(2, sets=("sheets",)), Item(3, deleted=True), Item(4), Item(5, sets=("other",)))


@dataclass
class Repository:
    """What it holds and how it goes wrong. ``answers``: given in place of those of its own, in
    this order, None for its own; ``asked``: the arguments of each request."""

    address: str = ""
    items: Sequence[Item] = MANY
    sets: Sequence[tuple[str, str]] = (("sheets", "Sheets"), ("sheets:cases", "Cases"))
    page: int = 2
    prefix: str = ""
    size: int | None = None
    last_token: str = "<{p}resumptionToken/>"
    next_token: Callable[[int], str] = str
    answers: list[tuple[int, dict[str, str], bytes] | None] = field(default_factory=list)
    rewrite: Callable[[str, str], str] = lambda verb, text: text
    asked: list[dict[str, str]] = field(default_factory=list)

    def answer(self, given: dict[str, str]) -> str:
        p, verb = self.prefix, given.get("verb", "")
        if verb == "Identify":
            inner = f"<{p}repositoryName>Example repository</{p}repositoryName>"
        elif verb == "ListSets":
            if not self.sets:
                return self.wrapped(f'<{p}error code="noSetHierarchy"/>')
            inner = "".join(
                f"<{p}set><{p}setSpec>{key}</{p}setSpec><{p}setName>{escape(name)}</{p}setName>"
                f"</{p}set>"
                for key, name in self.sets
            )
        elif verb == "ListRecords":
            return self.records(given)
        else:
            return self.wrapped(f'<{p}error code="badVerb">No such verb</{p}error>')
        return self.wrapped(f"<{p}{verb}>{inner}</{p}{verb}>")

    def records(self, given: dict[str, str]) -> str:
        p, token = self.prefix, given.get("resumptionToken", "0")
        items = [i for i in self.items if "set" not in given or given["set"] in i.sets]
        if not token.isdecimal():
            return self.wrapped(f'<{p}error code="badResumptionToken">expired</{p}error>')
        start = int(token)
        end = start + self.page
        inner = "".join(item.xml(p) for item in items[start:end])
        if not items:
            return self.wrapped(f'<{p}error code="noRecordsMatch"/>')
        if end < len(items):
            size = len(items) if self.size is None else self.size
            inner += (
                f'<{p}resumptionToken completeListSize="{size}" cursor="{start}">'
                f"{self.next_token(end)}</{p}resumptionToken>"
            )
        elif start:
            inner += self.last_token.format(p=p)
        return self.wrapped(f"<{p}ListRecords>{inner}</{p}ListRecords>")

    def wrapped(self, inner: str) -> str:
        p, name = self.prefix, self.prefix.rstrip(":")
        declared = f"xmlns{':' if name else ''}{name}"
        now = datetime.now(UTC).isoformat()
        return (
            f'<?xml version="1.0" encoding="UTF-8"?>\n<{p}OAI-PMH {declared}='
            f'"http://www.openarchives.org/OAI/2.0/"><{p}responseDate>{now}</{p}responseDate>'
            f"{inner}</{p}OAI-PMH>"
        )


@contextmanager
def serving() -> Iterator[Repository]:
    """The repository on a free port, until the block ends."""
    repository = Repository()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *arguments: object) -> None:
            pass

        def do_GET(self) -> None:
            given = {
                name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()
            }
            repository.asked.append(given)
            planned = repository.answers.pop(0) if repository.answers else None
            if planned is None:
                text = repository.rewrite(given.get("verb", ""), repository.answer(given))
                planned = 200, {"Content-Type": "text/xml; charset=utf-8"}, text.encode()
            status, headers, body = planned
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(body))}.items():
                self.send_header(name, value)
            self.send_header("Connection", "close")
            self.end_headers()
            self.wfile.write(body)
            self.close_connection = True

    with listening(Handler) as root:
        repository.address = f"{root}/oai"
        yield repository


Run = Callable[..., Harvested]


@pytest.fixture
def site() -> Iterator[Repository]:
    with serving() as repository:
        yield repository


@pytest.fixture
def run(settings: Settings, site: Repository) -> Run:
    """Harvest the repository, as the operator's ``options`` say."""

    def run(dump: str = "", *, now: Settings = settings, **given: Any) -> Harvested:
        limits = given.pop("limits", Limits())
        own = given.pop("addresses", LOOPBACK)
        partner = Partner("site", dump=dump or site.address, addresses=own, limits=limits)
        return harvested(now, partner, **given)

    return run


def asks(settings: Settings, pattern: str) -> bool:
    return holds(settings.home, f"{PREFIXES} ASK {{ {pattern} }}")


def test_records_become_documents_sets_corpora_and_subjects_keywords(
    run: Run, site: Repository, settings: Settings
) -> None:
    harvested = run()
    assert harvested.kind == "oai-pmh"
    assert asks(
        settings,
        f"""{DOCUMENT.format(1)} a atlas:Document ; atlas:publishedOn :site\\/partner-site ;
        dcterms:title "Le square et l'école"@fr , "The square and the school"@en ;
        dcterms:alternative "A square"@en ; dc:creator "Example, A." , "Example, B." ;
        dcterms:date "2019"^^xsd:gYear ; dcterms:language "en" ;
        dcterms:description "What a square <does>."@en ;
        dcterms:identifier "oai:example:1" , "doi:10.9999/1" ;
        foaf:page <https://site.example/1> ; atlas:inCorpus ?corpus , ?cases ;
        atlas:indexedBy ?keyword , ?mot ;
        skos:note "publisher: Example press" , "subject: http://vocabulary.example/1" ,
            "date: 2020-05-01T10:00:00Z" .
        ?corpus rdfs:label "Sheets" ; atlas:corpusOf ?site . ?cases rdfs:label "Cases" .
        ?site a atlas:ResourceSite ; rdfs:label "Example repository" .
        ?keyword skos:prefLabel "Public space"@en ; skos:inScheme ?thesaurus .
        ?mot skos:prefLabel "Espace public"@fr ; skos:inScheme ?thesaurus .
        ?thesaurus a atlas:Thesaurus ; dcterms:isPartOf ?site""",
    )
    # A set that is not on the list of sets is one all the same.
    assert asks(settings, f'{DOCUMENT.format(5)} atlas:inCorpus [ rdfs:label "other" ]')
    assert not asks(settings, f"{DOCUMENT.format(3)} ?p ?o")
    text = told(harvested)
    assert "4 documents new, 2 keywords new" in text
    assert "Left out: 1 marked as deleted." in text
    verbs = [given.get("verb") for given in site.asked]
    assert verbs == [None, "Identify", "ListSets", *["ListRecords"] * 3]


def test_any_address_of_the_repository_will_do(run: Run, site: Repository) -> None:
    assert run(f"{site.address}?verb=Identify").kind == "oai-pmh"
    site.asked.clear()
    assert not run(site.address, kind="oai-pmh").changes
    assert site.asked[0] == {"verb": "Identify"}
    for kind in ("scrutari", "rdf"):
        with pytest.raises(PartnerFailed, match=f"serves OAI-PMH at .* and {kind} was asked for"):
            run(kind=kind)


def test_the_address_says_the_repository_and_the_set() -> None:
    whole = "https://site.example/?page=oai&verb=ListRecords&metadataPrefix=oai_dc&set=a:b#x"
    assert repository(whole) == ("https://site.example/?page=oai", "a:b")
    assert repository("https://site.example/oai") == ("https://site.example/oai", "")


def test_one_set_is_taken_where_the_address_names_it(
    run: Run, site: Repository, settings: Settings
) -> None:
    assert "2 documents new" in told(run(f"{site.address}?verb=ListRecords&set=sheets"))
    assert not asks(settings, f"{DOCUMENT.format(5)} ?p ?o")


def test_what_has_not_changed_publishes_nothing_and_what_has_is_told(
    run: Run, site: Repository, settings: Settings
) -> None:
    run()
    again = run()
    assert again.changes is None
    assert again.generation == 1
    changed = replace(MANY[1], dc="<dc:title>Another title</dc:title>")
    site.items = [FULL, changed, MANY[2], replace(MANY[3], deleted=True), MANY[4], Item(6)]
    assert "1 document new, 1 document changed, 1 document gone" in told(run())
    assert asks(settings, f'{DOCUMENT.format(2)} dcterms:title "Another title"')


def test_a_later_build_reads_the_records_without_the_network(
    run: Run, site: Repository, settings: Settings
) -> None:
    run()
    site.asked.clear()
    quiet = Display(Console(file=io.StringIO()))
    building.build(settings, extra.sources_of(settings), force=True, display=quiet)
    assert asks(settings, f"{DOCUMENT.format(1)} a atlas:Document")
    assert not site.asked


def test_elements_with_a_prefix_and_a_repository_without_sets(
    run: Run, site: Repository, settings: Settings
) -> None:
    site.prefix, site.sets = "oai:", ()
    assert "4 documents new" in told(run())
    assert asks(settings, f"{DOCUMENT.format(1)} atlas:publishedOn [ rdfs:label ?name ]")


def test_a_file_that_was_given_by_hand(
    run: Run, site: Repository, settings: Settings, tmp_path: Path
) -> None:
    file = tmp_path / "given.xml"
    site.page = 10
    file.write_text(site.records({}))
    assert "4 documents new" in told(run(file=file))
    with pytest.raises(UsageError, match="is not scrutari"):
        run(file=file, kind="scrutari")
    file.write_text(site.answer({"verb": "Identify"}))
    with pytest.raises(AtlasError, match="holds no record of OAI-PMH"):
        run(file=file)


def test_records_that_cannot_be_used_are_told_and_the_others_taken(
    run: Run, site: Repository
) -> None:
    site.items = [Item(1), Item(2, "<dc:title> </dc:title>"), Item(3)]
    site.rewrite = lambda verb, text: text.replace("oai:example:3", "")
    text = told(run())
    assert "1 document new" in text
    assert "the record oai:example:2 has no title" in text
    assert "the record has no identifier" in text


# --- Lists that go wrong: one sentence each, and nothing is published ---


def html(status: int = 200) -> tuple[int, dict[str, str], bytes]:
    return status, {"Content-Type": "text/html"}, b"<!DOCTYPE html><html><p>Welcome</p></html>"


DOCTYPE = '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b SYSTEM "file:///etc/hostname">]>\n<'
FAULTS: dict[str, tuple[dict[str, Any], str]] = {
    "a token that comes again": (
        {"next_token": lambda end: "2"},
        r"gives the resumption token '2' again: its list never ends",
    ),
    "a list that never ends": (
        {
            "rewrite": lambda verb, text: text.replace(
                "<resumptionToken/>", "<resumptionToken>0</resumptionToken>"
            )
        },
        "gives a page with no new record, and the token of another one",
    ),
    "an expired token": ({"next_token": lambda end: "old"}, "its list ended midway. Harvest it"),
    "no records": ({"items": ()}, r"has no record to give \(noRecordsMatch\)"),
    "a list cut short": (
        {"size": 50, "last_token": ""},
        "announces 50 records and gives 5, without the empty resumption token",
    ),
    "no Dublin Core": (
        {
            "rewrite": lambda verb, text: text.replace(
                "<ListRecords>", '<error code="cannotDisseminateFormat"/><ListRecords>'
            )
        },
        "does not give its records in Dublin Core",
    ),
    "an error of no known code": (
        {
            "rewrite": lambda verb, text: text.replace(
                "<ListSets>", '<error code="__doc__">mine</error><ListSets>'
            )
        },
        "with an error of OAI-PMH: __doc__ mine",
    ),
    "an error without a code": (
        {"rewrite": lambda verb, text: text.replace("<ListSets>", '<error code=""/><ListSets>')},
        "with an error of OAI-PMH",
    ),
    "XML cut short": (
        {"rewrite": lambda verb, text: text[:-40] if verb == "ListRecords" else text},
        "with XML that is not well-formed",
    ),
    "a DOCTYPE": (
        {"rewrite": lambda verb, text: text.replace("\n<", f"\n{DOCTYPE}") if verb else text},
        "with XML that has a DOCTYPE",
    ),
    "another protocol": (
        {"rewrite": lambda verb, text: text.replace("OAI/2.0/", "OAI/1.1/") if verb else text},
        "not OAI-PMH 2.0",
    ),
    "neither records nor an error": (
        {"rewrite": lambda verb, text: text.replace("ListRecords>", "Other>")},
        "with neither what was asked for nor an error",
    ),
    "a web page": ({"answers": [None, None, None, html()]}, r"a web page \(HTML\) at .*ListRec"),
    "an error of the server": ({"answers": [None, None, None, html(500)]}, "with status 500"),
    "a busy server that does not say when": (
        {"answers": [None, (503, {}, b"")]},
        "answers with status 503",
    ),
    "a server that is busy for long": (
        {"answers": [None, (503, {"Retry-After": "99999"}, b"")]},
        "asks to wait 99,999 seconds, which is longer than the harvest has left",
    ),
    "a server that is always busy": (
        {"answers": [None, *[(503, {"Retry-After": "0"}, b"")] * 9]},
        "and was 5 times in a row",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_list_that_goes_wrong_is_no_harvest(
    run: Run, site: Repository, settings: Settings, fault: str
) -> None:
    given, sentence = FAULTS[fault]
    for name, value in given.items():
        setattr(site, name, value)
    with pytest.raises(PartnerFailed, match=sentence) as caught:
        run()
    assert "\n" not in str(caught.value)
    assert Generations(settings.home).current() is None
    assert not list((settings.home / "harvests").glob("*/*"))


def test_a_busy_server_is_waited_for(run: Run, site: Repository) -> None:
    past = format_datetime(datetime(2020, 1, 1, tzinfo=UTC), usegmt=True)
    waits = ["0", past, "1"]
    site.answers = [None, *[(503, {"Retry-After": wait}, b"") for wait in waits], None]
    assert "4 documents new" in told(run())


def test_a_wrong_number_is_told_where_the_list_ended_as_it_should(
    run: Run, site: Repository
) -> None:
    site.size = 50
    assert "50 records were announced and 5 came; the list was not cut short" in told(run())


def test_records_that_come_twice_are_taken_once(run: Run, site: Repository) -> None:
    site.items = [Item(1), Item(2), Item(2), Item(3)]
    text = told(run())
    assert "3 documents new" in text
    assert "Of each record that came twice the first was taken (1)." in text


def test_bytes_are_bounded_for_a_page_and_for_the_harvest(
    run: Run, site: Repository, settings: Settings
) -> None:
    with pytest.raises(PartnerLimit, match="more than 1,500 bytes for one answer"):
        run(limits=Limits(bytes=1_500))
    with pytest.raises(PartnerLimit, match=r"1,700 bytes of records \(ATLAS_HARVEST_BYTES\)"):
        run(now=Settings.load({"ATLAS_HARVEST_BYTES": "1700"}, home=settings.home, base=BASE))
    assert Generations(settings.home).current() is None


def test_every_request_goes_through_the_gate(
    run: Run, site: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*arguments: object, **given: object) -> None:
        raise AssertionError("Sickle went out by itself.")

    monkeypatch.setattr("requests.sessions.Session.request", refused)
    run()
    site.asked.clear()
    with pytest.raises(Forbidden, match="not reached unless its entry names that very address"):
        run(addresses=frozenset())
    assert not site.asked


def test_without_sickle_one_sentence_says_how_to_install_it(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def absent(name: str) -> object:
        raise ModuleNotFoundError(name)

    monkeypatch.setattr(harvest_oai, "import_module", absent)
    with pytest.raises(MissingTool, match=r"Sickle, which is not installed; run: pip install"):
        run()
