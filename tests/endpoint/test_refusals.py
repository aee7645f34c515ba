"""What a page refuses is said in the reader's language, and to programs in English."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from html import unescape
from pathlib import Path
from string import Formatter
from urllib.parse import urlencode

import pytest

import atlas.errors
from atlas.errors import AtlasError, UsageError, Wording
from endpoint.language import LANGUAGES, words
from endpoint.refusals import PageSpeller, refused, spelled, withheld
from federation.partner import Partner
from federation.sites.drift import drift, remarks
from federation.sites.summaries import PredicateSummary, Summary
from queries import library
from store.answers import too_big
from store.engine import malformed
from store.exports.dump import refusals
from store.rows import too_many
from store.workers.pool import stopping, too_slow
from tests.endpoint.serving import Served

ROOT = Path(__file__).parents[2]
HTML = {"Accept": "text/html"}
# What is raised there is told to whoever asks, in a page or in a problem document.
ASKED = (
    "endpoint/web",
    "endpoint/documents",
    "endpoint/feed",
    "endpoint/publishing",
    "endpoint/api",
    "endpoint/reading",
    "endpoint/sparql",
    "endpoint/writing",
    "endpoint/scrutari",
)
# What is told at the command line; and the errors that are in the catalogue as such.
COMMANDS = ("endpoint/writing/token_commands.py",)
WORDED = {"PartnerFailed", "PartnerLimit", "NotFederable"}
KINDS = {
    name
    for name, value in vars(atlas.errors).items()
    if isinstance(value, type) and issubclass(value, AtlasError)
}


def sources(*folders: str) -> Iterator[tuple[Path, ast.Module]]:
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*.py")):
            yield path.relative_to(ROOT), ast.parse(path.read_text("utf-8"))


def name_of(function: ast.expr) -> str:
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""


def told() -> list[tuple[str, str, set[str]]]:
    """Every sentence that the code gives: where, its key, and the names of its values.

    A key that is put together while the program runs ends in "*".
    """
    found = []
    for path, tree in sources("atlas", "endpoint", "federation", "store", "queries"):
        for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
            place = {"refused": 1, "worded": 0, "Wording": 0}.get(name_of(call.func))
            if place is None or len(call.args) <= place:
                continue
            key = call.args[place]
            if isinstance(key, ast.Constant) and isinstance(key.value, str):
                text = key.value
            elif isinstance(key, ast.JoinedStr) and isinstance(key.values[0], ast.Constant):
                text = str(key.values[0].value) + "*"
            else:
                continue
            names = {keyword.arg or "**" for keyword in call.keywords}
            if name_of(call.func) == "Wording" and isinstance(call.args[1], ast.Dict):
                names = {str(ast.literal_eval(one)) for one in call.args[1].keys if one}
            found.append((f"{path}:{call.lineno}", text, names))
    return found


def fields(text: str) -> list[tuple[str, str]]:
    """The values that a text of the catalogue takes, and how each is written."""
    return sorted({(name, how or "") for _, name, _, how in Formatter().parse(text) if name})


def without_form(key: str) -> str:
    """The key of a text, whichever form of its plural it is."""
    return key.partition("[")[0]


def test_what_is_refused_is_in_every_catalogue_with_the_values_it_takes() -> None:
    assert len(told()) > 100
    for where, key, names in told():
        known = [
            one
            for one in words("fr")
            if re.fullmatch(re.escape(key).replace(r"\*", ".+"), without_form(one))
        ]
        assert known, f"{where}: no catalogue has {key}"
        for one in known:
            for language in LANGUAGES:
                taken = {name for name, _ in fields(words(language)[one])}
                assert taken <= names, f"{where}: {one} in {language} takes {taken}"
            assert key.endswith("*") or names == taken, f"{where}: {one} takes {taken}"


def sentences() -> list[str]:
    """The keys of all that is refused."""
    found = [key for key in words("fr") if key.startswith("refusal.")]
    assert len(found) > 50
    return found


def test_a_value_is_written_the_same_way_in_every_language() -> None:
    for key in sentences():
        assert len({str(fields(words(language)[key])) for language in LANGUAGES}) == 1, key


def test_no_sentence_of_the_catalogue_is_left_over() -> None:
    keys = {key for _, key, _ in told()}
    starts = tuple(key[:-1] for key in keys if key.endswith("*"))
    files = [*(ROOT / "endpoint").rglob("*.py"), *(ROOT / "endpoint/templates").rglob("*.html")]
    written = "\n".join(path.read_text("utf-8") for path in files)
    for key in sentences():
        key = without_form(key)
        assert key in keys or key.startswith(starts) or f'"{key}"' in written, key


def test_nothing_that_is_refused_over_http_is_said_in_english_only() -> None:
    for path, tree in sources(*ASKED):
        for node in ast.walk(tree):
            if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call):
                plain = name_of(node.exc.func) in KINDS - WORDED
                assert not plain or str(path) in COMMANDS, f"{path}:{node.lineno}"


def test_values_are_written_as_the_language_writes_them() -> None:
    error = refused(UsageError, "refusal.too_long", name="q", count=12_345, most=200)
    assert error.wording is not None
    assert str(error).startswith("The parameter q has 12,345 characters; 200 are the most")
    assert "12\u202f345 caractères" in spelled(error.wording, "fr")
    assert "12.345 caracteres" in spelled(error.wording, "es")
    choice = Wording("refusal.parameter", {"name": "sort", "value": "x", "takes": ("a", "b", "c")})
    assert spelled(choice, "en") == "The parameter sort is 'x'; it takes a, b or c."
    assert spelled(choice, "fr").startswith("Le paramètre sort vaut «\u00a0x\u00a0»")
    assert spelled(choice, "fr").endswith("il prend a, b ou c.")
    assert spelled(choice, "es") == "El parámetro sort vale «x»; admite a, b o c."


def test_a_value_is_shown_whatever_it_is() -> None:
    for value in ("<script>x</script>", "\u202eabc", "it's", '"', "a\nb", "é" * 3_000, "{x}", ""):
        wording = Wording("refusal.partner", {"name": value})
        for language in LANGUAGES:
            page = PageSpeller(language).sentence(wording)
            assert "<script>" not in page
            assert "\u202e" not in page
            assert len(unescape(re.sub("<[^>]+>", "", page))) < 200
            assert page.count("<bdi>") == page.count("</bdi>") == 1


def test_the_engine_s_own_words_are_marked_as_english() -> None:
    error = malformed("error at 3:7: expected one of x, y")
    assert error.wording is not None
    page = PageSpeller("fr").sentence(error.wording)
    assert page.startswith("La lecture s’arrête à la ligne <bdi>3</bdi>, colonne <bdi>7</bdi>")
    assert '<span lang="en">' in page


def test_why_a_graph_is_not_given_away_is_said_in_every_language() -> None:
    graphs = [
        {"name": "a", "publish": "default", "licence_verified": False},
        {"name": "b", "publish": "illustrative"},
        {"name": "c", "publish": "default", "inferred_from": ("a", "b")},
    ]
    assert len(refusals(graphs)) == 3
    for reason in refusals(graphs).values():
        assert spelled(withheld(reason), "en") == reason.partition(";")[0]
        assert spelled(withheld(reason), "fr") not in ("", reason)


# Those of the packages below have their English in two places.
BELOW: tuple[Callable[[], Exception], ...] = (
    lambda: too_slow(2.5),
    lambda: too_big(10_000),
    lambda: too_many(10_000),
    lambda: stopping(),
    lambda: malformed("error at 3:7: expected one of x, y"),
    lambda: malformed("Something else"),
)
BAD = ("\x00 <", "é" * 3_000, " ".join(f"urn:{n}" for n in range(3_000)))


def below() -> Iterator[Exception]:
    yield from (make() for make in BELOW)
    for query in library().values():
        names = [parameter.name for parameter in query.parameters]
        given = [{name: value} for name in names for value in BAD]
        for values in ({}, {"nothing": "x"}, *given):
            try:
                query.bind(values)
            except UsageError as error:
                yield error


def test_below_the_endpoint_the_sentence_is_the_catalogue_s_too() -> None:
    keys = set()
    for error in below():
        assert isinstance(error, AtlasError)
        assert error.wording is not None, error
        keys.add(error.wording.key)
        assert spelled(error.wording, "en") == str(error)
        for language in LANGUAGES:
            assert spelled(error.wording, language)
    assert {"refusal.query_parameter", "refusal.query_needs", "refusal.query_value"} <= keys
    assert {"refusal.query_long", "refusal.query_values"} <= keys


ONE = Summary(
    datetime(2026, 1, 1, tzinfo=UTC),
    triples=1_000,
    predicates={"urn:p": PredicateSummary(1)},
    complete=True,
    classes_complete=True,
    licences=("urn:l",),
)
OTHER = replace(
    ONE,
    triples=2_500,
    predicates={f"urn:p{n}": PredicateSummary(1) for n in range(4)},
    classes={"urn:c": 1},
    complete=False,
    licences=(),
    vocabularies=("urn:v",),
    features=("urn:f", "urn:g"),
    cut=5,
)


def test_what_a_check_of_a_partner_notices_is_said_in_every_language() -> None:
    notes = [
        *drift(ONE, OTHER),
        *drift(OTHER, ONE),
        *drift(ONE, replace(ONE, licences=("urn:m",), predicates={})),
        *remarks(Partner("site", licence="urn:other"), ONE),
        *remarks(Partner("site"), ONE),
        *remarks(Partner("site"), replace(OTHER, triples=0)),
    ]
    assert {note.key for note in notes} == {
        key.partition("[")[0] for key in words("fr") if key.startswith("checks.")
    }
    for note in notes:
        wording = Wording(note.key, json.loads(json.dumps(note.values)))
        assert spelled(wording, "en") == note.text
        assert len({spelled(wording, language) for language in LANGUAGES}) == len(LANGUAGES)


# Over HTTP.

LONG = "a" * 501
# Addresses of every family that cannot be answered, and the sentence that says why.
REFUSED = (
    ("/nowhere", 404, "refusal.nowhere"),
    ("/search?q=a&q=b", 400, "refusal.twice"),
    (f"/search?q={LONG}", 400, "refusal.too_long"),
    ("/search?q=a&type=%3Cx%3E", 400, "refusal.iri"),
    ("/search?q=a&type=" + "x" * 2_001, 400, "refusal.type_too_long"),
    ("/map?depth=7", 400, "refusal.parameter"),
    (f"/map?q={LONG}", 400, "refusal.too_long"),
    ("/map?centre=%3Cx%3E", 400, "refusal.thing"),
    ("/map?type=%3Cx%3E", 400, "refusal.term"),
    ("/map?" + "&".join(f"open=question/q{n}" for n in range(200)), 400, "refusal.opened"),
    ("/matrix?of=x", 404, "refusal.matrix"),
    ("/matrix?from=x", 400, "refusal.parameter_for"),
    ("/matrix?count=x", 400, "refusal.parameter_for"),
    ("/matrix?row=x&column=y", 404, "refusal.cell"),
    ("/questions?with=x", 404, "refusal.side"),
    ("/territories/99999", 404, "refusal.place"),
    (f"/territories?q={LONG}", 400, "refusal.too_long"),
    ("/territories?department=999", 404, "refusal.department"),
    ("/territories/99999/pair", 404, "refusal.place"),
    ("/experiences?kind=x", 400, "refusal.parameter_or_none"),
    ("/experiences?sort=x", 400, "refusal.parameter"),
    ("/experiences?page=x", 400, "refusal.number_from"),
    ("/experiences?page=999", 400, "refusal.last_page"),
    ("/experiences?q=" + "a+" * 40, 400, "refusal.words"),
    ("/experiences?like=x", 400, "refusal.insee"),
    ("/experiences?like=99999", 404, "refusal.commune"),
    ("/experiences?like=54395&factor=x", 400, "refusal.number_between"),
    ("/queries/nothing", 404, "refusal.query"),
    ("/queries/editor?named=nothing", 404, "refusal.query"),
    ("/queries/editor?named=cq05_competence_holders&x=y", 400, "refusal.query_parameter"),
    ("/queries/editor?named=cq05_competence_holders&insee=x", 400, "refusal.query_value"),
    ("/datasets/nothing", 404, "refusal.source"),
    ("/partners/nobody", 404, "refusal.partner"),
    ("/local?m=x", 400, "refusal.local_torn"),
    ("/local/change?do=x", 400, "refusal.local_change"),
    ("/local/change?do=add", 400, "refusal.local_nothing"),
    ("/local/change?do=relate&source=x", 400, "refusal.local_field"),
    ("/propose/nothing", 404, "refusal.proposal_kind"),
    ("/propose/relation/proposal.ttl", 400, "refusal.proposal_incomplete"),
    ("/doc/question/nothing", 404, "refusal.unsaid"),
    ("/about?iri=http://nowhere.example/", 404, "refusal.unsaid"),
    ("/about?iri=%3Cx%3E", 400, "refusal.iri"),
    ("/doc/document/panorama?format=x", 406, "refusal.format"),
    ("/ontology/Nothing", 404, "refusal.unsaid"),
    ("/module/nothing", 404, "refusal.module"),
    ("/dumps/nothing.nt.gz", 404, "refusal.dump"),
    ("/feed/patch/0/99", 404, "refusal.generation_none"),
    ("/feed/changes-99.atom", 404, "refusal.changes_page"),
    ("/scrutari/nothing.xml", 404, "refusal.base"),
)


def plain(page: str) -> str:
    """The words of the page's own part."""
    main = page.split("<main", 1)[1].split("</main>")[0]
    return " ".join(unescape(re.sub(r"<[^>]+>", "", main)).split())


def pattern(key: str, language: str) -> str:
    """What finds the sentence with any values."""
    parts = [re.escape(text) for text, *_ in Formatter().parse(words(language)[key])]
    return " ".join(".*".join([*parts, ""]).replace("\\\u00a0", " ").replace("\u00a0", " ").split())


@pytest.mark.parametrize(("address", "status", "key"), REFUSED)
def test_a_bad_address_is_answered_in_the_reader_s_language(
    published: Served, address: str, status: int, key: str
) -> None:
    for language in LANGUAGES:
        reply = published.fetch(address, headers={**HTML, "Accept-Language": language})
        assert reply.status == status, reply.text
        assert f'<html lang="{language}">' in reply.text
        assert re.search(pattern(key, language), plain(reply.text)), plain(reply.text)
        assert '<p lang="en">' not in reply.text


def test_a_method_that_an_address_does_not_take_is_said_in_the_reader_s_language(
    published: Served,
) -> None:
    reply = published.fetch("/matrix", method="DELETE", headers={**HTML, "Accept-Language": "fr"})
    assert reply.status == 405
    assert "n’admet pas la méthode DELETE" in plain(reply.text)


def test_a_program_is_told_in_english(published: Served) -> None:
    reply = published.fetch("/map?depth=7", headers={"Accept-Language": "fr"})
    assert reply.type == "application/problem+json"
    assert reply.json["detail"] == "The parameter depth is '7'; it takes 1 or 2."
    assert reply.json["translation"] == {
        "language": "fr",
        "detail": "Le paramètre depth vaut «\u00a07\u00a0»\u00a0; il prend 1 ou 2.",
    }
    assert "translation" not in published.fetch("/map?depth=7").json


EDITED = (
    ("SELECT * WHERE {", "refusal.sparql_wrong_at"),
    ("INSERT DATA { <urn:a> <urn:b> 1 }", "refusal.sparql_update"),
    ("SELECT * FROM <urn:x> { ?s ?p ?o }", "refusal.sparql_graph"),
    ("SELECT * { SERVICE <urn:x> { ?s ?p ?o } }", "library.service"),
    ('SELECT ("""a AS ?x) {}', "refusal.sparql_quotes"),
    ("SELECT (<urn:f>(1) AS ?x) {}", "refusal.sparql_function"),
    ("SELECT * " + "{" * 201 + "}" * 201, "refusal.sparql_depth"),
)


@pytest.mark.parametrize(("query", "key"), EDITED)
def test_the_editor_says_what_is_wrong_with_a_query_in_the_reader_s_language(
    published: Served, query: str, key: str
) -> None:
    for language in LANGUAGES:
        given = urlencode({"query": query, "run": "1", "lang": language})
        text = published.fetch(f"/queries/editor?{given}", headers=HTML).text
        assert re.search(pattern(key, language), plain(text)), plain(text)
        assert '<p lang="en">' not in text
