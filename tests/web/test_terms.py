"""The pages of terms: what they say is true of the data, of the shapes and of the ontology."""

from __future__ import annotations

import csv
import html
import io
import re
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pyoxigraph
import pytest
from playwright.sync_api import expect

from endpoint.language import LANGUAGES, words
from endpoint.web.terms.queries import MADE, made
from queries import library
from tests.endpoint.serving import Reply, Served, serving
from tests.endpoint.test_pages import Reader
from tests.endpoint.world import publish_world
from tests.web.browsing import overflow, shot, violations
from tests.web.watching import Opener

ROOT = "https://w3id.org/atlas-relationnel"
HTML = {"Accept": "text/html"}


class Shown:
    """A page as it came, and the answers that it says are behind it."""

    def __init__(self, served: Served, path: str, language: str = "fr") -> None:
        self.served = served
        self.reply: Reply = served.fetch(path, headers={**HTML, "Accept-Language": language})
        assert self.reply.status == 200, (path, self.reply.status)
        self.text = self.reply.text

    @property
    def figures(self) -> list[int]:
        """The large figures, in their order."""
        found = re.findall(r'<p class="figure">([^<]*)</p>', self.text)
        return [int(re.sub(r"\D", "", text)) for text in found]

    def counts(self, section: str) -> list[int]:
        """How much each graph says, as the section with this heading lists it."""
        part = self.text.partition(f'<h2 id="{section}">')[2].partition("</section>")[0]
        listed = part.partition('<ul class="sources">')[2].partition("</ul>")[0]
        return [int(re.sub(r"\D", "", n)) for n in re.findall(r'class="number">([^<]*)<', listed)]

    @property
    def sources(self) -> list[int]:
        """How often each graph uses the term."""
        return self.counts("here")

    def behind(self, name: str) -> list[list[str]]:
        """The rows of a query behind the page, had as CSV at the address that the page gives."""
        (address,) = {
            html.unescape(found)
            for found in re.findall(rf'href="([^"]*/api/queries/{name}\.csv[^"]*)"', self.text)
        }
        return self.rows(address)

    def rows(self, address: str) -> list[list[str]]:
        reply = self.served.fetch(address)
        assert reply.status == 200, reply.text
        return list(csv.reader(io.StringIO(reply.text)))[1:]


def counted(served: Served, pattern: str) -> int:
    ((count,),) = served.rows(f"SELECT (COUNT(*) AS ?count) WHERE {{ {pattern} }}")
    return int(count)


# --- The figures ---


@pytest.mark.national
@pytest.mark.parametrize(
    "name", ["Actor", "Commune", "Membership", "Relation", "Scheme", "CityNetwork", "PartnerSite"]
)
def test_the_members_of_a_class_are_as_many_as_its_queries_count(
    national: Served, name: str
) -> None:
    page = Shown(national, f"/ontology/{name}")
    count = counted(national, f"?thing a <{ROOT}/ontology/{name}>")
    assert page.figures == ([count] if count or page.sources else [])
    recorded = page.behind("term_recorded") or page.behind("term_count")
    assert [int(row[0]) for row in recorded] == [count]
    assert page.sources == [int(row[1]) for row in page.behind("term_graphs")]


@pytest.mark.national
@pytest.mark.parametrize("name", ["governs", "recordedIn", "relationSource", "coordinatedBy"])
def test_the_uses_of_a_property_are_as_many_as_its_queries_count(
    national: Served, name: str
) -> None:
    page = Shown(national, f"/ontology/{name}")
    count = counted(national, f"?thing <{ROOT}/ontology/{name}> ?value")
    assert page.figures == ([count] if count or page.sources else [])
    assert page.sources == [int(row[1]) for row in page.behind("term_graphs")]


@pytest.mark.national
def test_where_a_term_is_described_is_counted_too(national: Served) -> None:
    page = Shown(national, "/ontology/Scheme")
    assert page.counts("card") == [int(row[1]) for row in page.behind("term_said_in")]


@pytest.mark.national
def test_what_is_kept_apart_is_counted_and_said_to_be_apart(national: Served) -> None:
    text = Shown(national, "/ontology/Scheme").text
    row = next(row for row in text.split("<li>") if "Dispositifs publics pour les jeunes" in row)
    assert words("fr")["terms.standing.apart"] in row


@pytest.mark.national
@pytest.mark.parametrize("name", ["dependsOn", "relatesTo", "overseenBy"])
def test_a_relation_type_shows_every_relation_of_its_type(national: Served, name: str) -> None:
    page = Shown(national, f"/vocabulary/relation-types/{name}")
    rows = page.behind("term_relations_of_type")
    assert page.figures == ([len(rows)] if rows else [])
    assert page.text.count('<li class="sentence"') == len(rows)
    pattern = f"?x <{ROOT}/ontology/relationType> <{ROOT}/vocabulary/relation-types/{name}>"
    assert len(rows) == counted(national, pattern)


@pytest.mark.national
def test_a_concept_counts_what_points_at_it(national: Served) -> None:
    page = Shown(national, "/vocabulary/territory-components/society-and-territory")
    rows = page.behind("term_uses_of_concept")
    counts = [
        int(re.sub(r"\D", "", n)) for n in re.findall(r'class="count"[^>]*>([^<]*)<', page.text)
    ]
    assert counts == [int(row[1]) for row in rows]
    assert rows
    assert 'data-component="1"' in page.text


@pytest.mark.national
def test_a_vocabulary_lists_its_concepts_in_their_order_with_their_uses(national: Served) -> None:
    page = Shown(national, "/vocabulary/scales")
    rows = page.behind("term_concepts")
    assert f"{len(rows)} concepts" in page.text
    places = [page.text.index(f">{name}</bdi>") for name in ("monde", "région", "commune")]
    assert places == sorted(places), "the widest first"
    used = [int(re.sub(r"\D", "", n)) for n in re.findall(r"employé ([^<]*) fois", page.text)]
    assert sorted(used) == sorted(int(row[6]) for row in rows if row[6])


@pytest.mark.national
def test_the_way_in_counts_classes_properties_and_vocabularies(national: Served) -> None:
    page = Shown(national, "/ontology/")
    terms, schemes = page.behind("term_ontology"), page.behind("term_vocabularies")
    classes = [row for row in terms if row[1].endswith("#Class")]
    expected = [len(classes), len(terms) - len(classes), len(schemes)]
    doors = page.text.partition('class="doors"')[2].partition("</ul>")[0]
    assert [int(n) for n in re.findall(r"<b>(\d+)", doors)] == expected
    assert f"soit {sum(int(row[1]) for row in schemes)} concepts" in doors
    counts = {row[0]: row[4] for row in terms}
    for name in ("Commune", "Relation"):
        iri = f"{ROOT}/ontology/{name}"
        row = f'<div class="row"><span><a class="named" href="/ontology/{name}">'
        shown = page.text.partition(row)[2].partition("</div>")[0]
        number = re.sub(r"\D", "", shown.partition('number quietly">')[2])
        assert number == counts[iri] == str(counted(national, f"?x a <{iri}>"))


def section(page: Shown, named: str) -> str:
    """The part of a page under a heading, without its marks, spaces made one."""
    part = page.text.partition(f'<h2 id="{named}">')[2].partition("</section>")[0]
    return " ".join(re.sub(r"<[^>]+>", "", part).split())


@pytest.mark.national
def test_uses_of_a_property_by_things_called_alike_say_which_is_which(national: Served) -> None:
    text = section(Shown(national, "/ontology/governs"), "here")
    uses = re.findall(r"(\S+) \(la municipalité\) gouverne (\S+) \(le territoire\)", text)
    assert uses
    assert all(one == other for one, other in uses)


@pytest.mark.national
def test_a_concept_with_many_uses_leads_to_the_list_of_all_of_them(national: Served) -> None:
    page = Shown(national, "/vocabulary/scales/region")
    (count,) = (int(row[1]) for row in page.behind("term_uses_of_concept"))
    leads = [lead for lead in Reader(page.text).leads if lead.startswith("/links?")]
    assert len(leads) == 1
    assert f"{count} choses" in Shown(national, leads[0]).text


@pytest.mark.national
def test_a_concept_that_only_a_source_apart_uses_says_so_and_leads_to_the_uses(
    national: Served,
) -> None:
    page = Shown(national, "/vocabulary/target-publics/higher-education-students")
    assert not page.behind("term_uses_of_concept")
    assert words("fr")["terms.no_use"] not in page.text
    stated = {row[0]: int(row[1]) for row in page.behind("thing_pointed")}
    count = stated[f"{ROOT}/ontology/servesPublic"]
    assert f"{count} choses, selon des sources gardées à part" in page.text
    (lead,) = (lead for lead in Reader(page.text).leads if lead.startswith("/links?"))
    assert f"{count} choses" in Shown(national, lead).text


@pytest.mark.national
def test_a_concept_that_relations_join_is_not_said_to_be_used_by_nothing(
    national: Served,
) -> None:
    page = Shown(national, "/vocabulary/policy-domains/health")
    assert page.behind("term_relations_at")
    assert words("fr")["terms.no_use"] not in page.text


@pytest.mark.national
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_way_in_says_values_in_words_and_gives_no_code_for_a_name(
    national: Served, language: str
) -> None:
    page = Shown(national, "/ontology/", language)
    subjects = section(page, "subjects") + page.text.partition('id="subjects"')[2]
    said = re.sub(r"<[^>]+>", "", subjects.partition('id="documents"')[0])
    assert "xsd:" not in said
    assert words(language)["terms.rule.datatype.boolean"] in said
    assert words(language)["terms.any_value"] in said
    assert "module:import" not in re.sub(r"<[^>]+>", "", page.text)
    assert words(language)["terms.overview.imports"] in page.text


@pytest.mark.national
def test_a_property_without_a_range_gives_a_value_not_a_thing(national: Served) -> None:
    sketch = section(Shown(national, "/ontology/vintage"), "joins")
    assert sketch.endswith(f"millésime {words('fr')['terms.any_value']}")


# --- Every term has its page ---


def own_terms(served: Served) -> Iterator[str]:
    rows = served.rows(
        "SELECT DISTINCT ?term WHERE { ?term a ?kind . FILTER ("
        f'STRSTARTS(STR(?term), "{ROOT}/ontology/") || '
        f'STRSTARTS(STR(?term), "{ROOT}/vocabulary/")) }}'
    )
    yield from (iri.removeprefix(ROOT) for (iri,) in sorted(rows))


@pytest.mark.national
def test_every_term_of_the_atlas_has_a_page_in_words(national: Served) -> None:
    paths = list(own_terms(national))
    assert len(paths) > 250
    for number, path in enumerate(paths):
        language = LANGUAGES[number % len(LANGUAGES)]
        page = Shown(national, path, language)
        assert '<p class="lead">' in page.text, path
        assert words(language)["terms.cite"] in page.text, path
        if number % 10 == 0:
            assert Reader(page.text).open == [], path


@pytest.mark.national
def test_a_class_page_unites_what_is_said_what_is_asked_and_what_there_is(
    national: Served,
) -> None:
    text = Shown(national, "/ontology/Municipality").text
    for part in (
        *("Personne morale de droit public", "municipalidad"),
        *("autorité publique", "gouverne", "Au moins une valeur"),
        *("En cas d’écart", "Une municipalité gouverne une commune.", "ex:municipality a atlas:"),
        "rdfs:subClassOf",
    ):
        assert part in text, part
    assert words("fr")["terms.no_instance"] in Shown(national, "/ontology/Enterprise").text


@pytest.mark.national
def test_an_alignment_says_how_close_it_is_and_why(national: Served) -> None:
    text = Shown(national, "/ontology/Scheme", "en").text
    assert "means nearly the same as" in text
    assert "cpsv:PublicService" in text
    assert "a scheme may be run by an association" in text
    note = r'<small lang="en">[^<]*a scheme may be run by an association'
    assert re.search(note, Shown(national, "/ontology/Scheme", "fr").text)


@pytest.mark.national
def test_the_library_s_questions_that_use_a_term_are_linked_and_filled_in(
    national: Served,
) -> None:
    leads = Reader(Shown(national, "/ontology/governs").text).leads
    assert "/queries/cq05_competence_holders?lang=fr" in leads
    public = f"{ROOT}/vocabulary/target-publics/children"
    leads = Reader(Shown(national, "/vocabulary/target-publics/children").text).leads
    filled = [lead for lead in leads if parse_qs(urlsplit(lead).query).get("public") == [public]]
    assert filled
    assert all(national.fetch(lead, headers=HTML).status == 200 for lead in filled)


@pytest.mark.national
@pytest.mark.parametrize(
    ("kind", "path"),
    [
        ("class", "/ontology/Commune"),
        ("property", "/ontology/governs"),
        ("scheme", "/vocabulary/scales"),
        ("concept", "/vocabulary/scales/state"),
        ("type", "/vocabulary/relation-types/dependsOn"),
    ],
)
def test_the_query_made_for_a_term_opens_in_the_editor_and_finds_its_uses(
    national: Served, kind: str, path: str
) -> None:
    leads = Reader(Shown(national, path).text).leads
    editor = next(lead for lead in reversed(leads) if lead.startswith("/queries/editor?"))
    assert national.fetch(editor, headers=HTML).status == 200
    (query,) = parse_qs(urlsplit(editor).query)["query"]
    assert query == made(ROOT + path, kind, "fr")
    assert national.rows(query)


@pytest.mark.parametrize("kind", MADE)
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_query_that_is_made_parses(kind: str, language: str) -> None:
    text = made("https://example.org/x", kind, language)
    pyoxigraph.Store().query(text)


# --- Hostile data, and the library ---

HOSTILE = """\
<{root}/ontology/Evil> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> \
<http://www.w3.org/2002/07/owl#Class> .
<{root}/ontology/Evil> <http://www.w3.org/2000/01/rdf-schema#label> \
"<script>alert(1)</script> \\u05E9\\u05DC\\u05D5\\u05DD \\U0001F600 {long}" .
<{root}/ontology/Evil> <http://www.w3.org/2004/02/skos/core#definition> "{long}"@fr .
<{root}/ontology/Evil> <http://www.w3.org/2000/01/rdf-schema#subClassOf> <{root}/ontology/Evil> .
<{root}/ontology/Evil> <http://www.w3.org/2004/02/skos/core#closeMatch> <javascript:alert(1)> .
<{root}/ontology/Old> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> \
<http://www.w3.org/2002/07/owl#Class> .
<{root}/ontology/Old> <http://www.w3.org/2002/07/owl#deprecated> \
"true"^^<http://www.w3.org/2001/XMLSchema#boolean> .
<{root}/ontology/Old> <http://purl.org/dc/terms/isReplacedBy> <{root}/ontology/Evil> .
<{root}/id/x> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <{root}/ontology/Evil> .
<{root}/id/x> <http://www.w3.org/2000/01/rdf-schema#label> "\\"><img src=x onerror=alert(1)>" .
"""


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A small atlas with a class whose every statement means harm."""
    home = tmp_path_factory.mktemp("hostile")
    publish_world(home, extra=HOSTILE.format(root=ROOT, long="m" * 10_000))
    with serving(home, ATLAS_WORKERS="1") as served:
        yield served


def test_hostile_labels_of_terms_show_safely(hostile: Served, open_page: Opener) -> None:
    page = open_page("/ontology/Evil", phone=True, site=hostile)
    expect(page.locator("h1")).to_contain_text("<script>alert(1)</script>")
    assert page.locator("main script, main img").count() == 0
    assert page.locator('a[href^="javascript"]').count() == 0
    assert len(page.locator("main").inner_text()) < 30_000
    assert overflow(page) == []


def test_a_deprecated_term_says_so_and_what_to_use_instead(hostile: Served) -> None:
    page = Shown(hostile, "/ontology/Old", "en")
    assert words("en")["terms.deprecated"] in page.text
    assert "/ontology/Evil" in Reader(page.text).leads


def test_a_term_that_is_not_there_is_not_found(hostile: Served) -> None:
    for path in ("/ontology/Nothing", "/vocabulary/none/none", "/vocabulary/none"):
        assert hostile.fetch(path, headers=HTML).status == 404


def test_the_queries_of_terms_are_marked_as_those_of_pages() -> None:
    for name, query in library().items():
        if name.startswith("term_"):
            assert "pages" in query.tags, name


# --- As one reads it ---


@pytest.mark.national
def test_a_reader_goes_from_the_ontology_to_a_class_and_to_one_of_its_members(
    open_page: Opener,
) -> None:
    page = open_page("/ontology/?lang=fr")
    page.get_by_role("link", name="municipalité", exact=True).first.click()
    expect(page.locator("h1")).to_have_text("municipalité")
    expect(page.locator(".tree [aria-current]")).to_have_text("municipalité")
    page.locator(".examples a.named").first.click()
    expect(page.locator("h1")).not_to_have_text("municipalité")


@pytest.mark.national
@pytest.mark.parametrize(
    "path", ["/ontology/Relation", "/ontology/widerScaleThan", "/module/alignment-org"]
)
def test_pages_of_terms_shut_nobody_out(open_page: Opener, path: str) -> None:
    page = open_page(path, dark=True)
    for details in page.locator("main details").all():
        details.evaluate("element => { element.open = true }")
    found = violations(page)
    shot(page, f"term-{path.rsplit('/', 1)[-1]}-dark")
    page.set_viewport_size({"width": 390, "height": 844})
    found += overflow(page)
    assert not found, "\n".join(found)
