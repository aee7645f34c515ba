"""Proposals over HTTP: forms made from the shapes, judged by them, and nothing kept or trusted."""

from __future__ import annotations

import shutil
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode, RdfFormat, Triple, parse
from werkzeug.datastructures import MultiDict

from endpoint.language import LANGUAGES
from endpoint.web.constraints.shapes import project_shapes, rules_of_class
from endpoint.web.propose.data import triples_of
from endpoint.web.propose.entries import Entry, read
from endpoint.web.propose.kinds import KINDS, TEXTS, fields_of
from endpoint.wire.representations import written
from tests.endpoint.serving import Reply, Served, serving
from tests.endpoint.writing import token

BASE = "https://w3id.org/atlas-relationnel"
ATLAS = f"{BASE}/ontology/"
D, PANORAMA = f"{BASE}/id/descriptor/d", f"{BASE}/id/document/panorama"
HTML = {"Accept": "text/html"}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
RELATION = {
    "relationSource": D,
    "relationType": "dependsOn",
    "relationTarget": PANORAMA,
    "relationStatus": "possible",
    "label.fr": "Le lien dépend de la vue",
    "label.en": "The link depends on the view",
    "label.es": "El vínculo depende de la vista",
    "documentedBy": PANORAMA,
}
MISSING = {
    "fr": "Une relation a un type et un seul, pris dans les types de relation.",
    "en": "A relation has exactly one type, one of the relation types.",
    "es": "Una relación tiene un solo tipo, tomado de los tipos de relación.",
}


def checked(
    served: Served, kind: str, fields: dict[str, Any], language: str = "fr"
) -> dict[str, Any]:
    reply = posted(served, kind, fields, language)
    assert reply.status == 200, reply.text
    answer: dict[str, Any] = reply.json
    return answer


def posted(served: Served, kind: str, fields: dict[str, Any], language: str = "fr") -> Reply:
    body = urlencode(fields, doseq=True)
    return served.fetch(f"/propose/{kind}/check?lang={language}", "POST", body=body, headers=FORM)


def shown(served: Served, kind: str, fields: dict[str, Any], status: int = 200) -> str:
    path = f"/propose/{kind}?{urlencode({'lang': 'fr', 'check': 1, **fields}, doseq=True)}"
    reply = served.fetch(path, headers=HTML)
    assert reply.status == status, reply.text
    return reply.text


def levels(answer: dict[str, Any], field: str) -> list[str]:
    return [finding["level"] for finding in answer["findings"] if finding["field"] == field]


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.name)
def test_each_property_that_the_shapes_speak_of_has_a_field(kind: Any) -> None:
    shapes, fields = project_shapes(), {field.iri for field in fields_of(kind)}
    for rule in rules_of_class(kind.iri):
        if rule.path is not None and not shapes.values(rule.path, "inversePath"):
            assert fields & set(shapes.properties(rule.path))
    assert set(kind.first) <= {field.name for field in fields_of(kind)}


def test_the_controls_of_a_relation_follow_its_shapes() -> None:
    controls = {field.name: field.control for field in fields_of(KINDS["relation"])}
    assert controls == {
        "relationSource": "thing",
        "relationType": "concepts",
        "relationTarget": "thing",
        "relationStatus": "concepts",
        "label": "texts",
        "documentedBy": "thing",
        "locator": "text",
    }
    documented = next(f for f in fields_of(KINDS["relation"]) if f.name == "documentedBy")
    assert (documented.asked_class, documented.required) == (f"{ATLAS}Document", False)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", KINDS)
def test_an_empty_form_is_told_what_is_missing_at_each_field(
    published: Served, kind: str, language: str
) -> None:
    answer = checked(published, kind, {}, language)
    assert not answer["conforms"]
    assert answer["turtle"] == ""
    for field in fields_of(KINDS[kind]):
        assert ("must" in levels(answer, field.name)) == field.required
    assert all(finding["field"] for finding in answer["findings"])
    if kind == "relation":
        assert MISSING[language] in [finding["text"] for finding in answer["findings"]]


def test_a_relation_is_judged_with_the_atlas_around_it(published: Served) -> None:
    answer = checked(published, "relation", RELATION)
    assert answer["findings"] == []
    assert answer["conforms"]
    assert answer["iri"] == f"{BASE}/id/relation/le-lien-depend-de-la-vue"
    said = {quad.triple for quad in parse(answer["turtle"], format=RdfFormat.TURTLE)}
    assert len(said) == len(RELATION) + 1
    wrong = checked(published, "relation", {**RELATION, "relationType": "atScale"})
    assert levels(wrong, "relationSource") == ["must"]
    (text,) = (one["text"] for one in wrong["findings"] if one["field"] == "relationSource")
    # What would do is said as well: else one could only guess.
    assert text.startswith(
        "Le type de cette relation n’admet pas «\u00a0lien\u00a0» comme point de départ. "
        "Ce type admet\u00a0: "
    )
    observed = checked(published, "relation", {**RELATION, "relationStatus": "observed"})
    assert levels(observed, "locator") == ["must"]
    undocumented = checked(published, "relation", {**RELATION, "documentedBy": D})
    assert levels(undocumented, "documentedBy") == ["must"]


def test_a_relation_that_the_atlas_has_already_is_told_and_not_refused(
    built: Path, tmp_path: Path
) -> None:
    home, graph = tmp_path / "home", f"{BASE}/graph/proposals-relations"
    shutil.copytree(built, home)
    headers = {"Authorization": f"Bearer {token(home, graph)}", "Content-Type": "text/turtle"}
    with serving(home, ATLAS_WORKERS="1") as server:
        turtle = checked(server, "relation", RELATION)["turtle"]
        reply = server.fetch(f"/data?graph={graph}", "POST", body=turtle, headers=headers)
        assert reply.status < 300, reply.text
        again = checked(server, "relation", {**RELATION, "relationStatus": "missing"})
        assert again["conforms"]
        (finding,) = (one for one in again["findings"] if one["field"] == "relationType")
        assert finding["level"] == "should"
        assert finding["text"] == f"L’atlas a déjà cette relation\u00a0: {RELATION['label.fr']}"
        other = checked(server, "relation", {**RELATION, "relationType": "relatesTo"})
        assert levels(other, "relationType") == []


def test_what_a_control_cannot_hold_is_refused_by_the_shape_of_its_field(published: Served) -> None:
    fields = {"label.fr": "Une expérience", "participants": "douze", "date": "hier", "page": "là"}
    answer = checked(published, "experience", fields)
    for name in ("participants", "date", "page"):
        assert levels(answer, name) == ["must"], name
    good = {"participants": "12", "date": "2026-11", "page": "https://example.org/é"}
    assert checked(published, "experience", {**fields, **good})["conforms"]


def test_a_thing_is_found_by_its_name_or_asked_for(published: Served) -> None:
    by_name = {**RELATION, "relationTarget": "", "relationTarget.name": "Vue d'ensemble"}
    assert f"<{PANORAMA}>" in checked(published, "relation", by_name)["turtle"]
    # Words that were changed after a choice mean another thing.
    changed = {**RELATION, "relationTarget.name": "rien de tel"}
    answer = checked(published, "relation", changed)
    assert levels(answer, "relationTarget") == ["must"]
    assert "rien de tel" in answer["findings"][0]["text"]
    # A part of a name, and one that is misspelt, offer what may be meant.
    for text in ("Vue", "Vue d'ensembel"):
        part = {**RELATION, "relationTarget": "", "relationTarget.name": text}
        page = shown(published, "relation", part)
        link = page.split('<ul class="offered">')[1].split('href="')[1].split('"')[0]
        chosen = published.fetch(unescape(link), headers=HTML)
        assert 'data-state="right"' in chosen.text, text


def test_names_are_made_from_the_relation(published: Served) -> None:
    ends = {name: value for name, value in RELATION.items() if not name.startswith("label")}
    page = shown(published, "relation", {**ends, "fill": "label"})
    assert "Lien dépend de Vue d&#39;ensemble" in page
    assert "Choisissez d’abord" in shown(published, "relation", {"fill": "label"})


def test_a_name_that_is_taken_gives_another_iri(published: Served) -> None:
    answer = checked(published, "document", {"title.fr": "Panorama"})
    assert answer["iri"] == f"{PANORAMA}-2"
    assert "connaît déjà" in shown(published, "document", {"title.fr": "Panorama"})


def test_turtle_is_saved_once_the_shapes_accept_it(published: Served) -> None:
    path = "/propose/relation/proposal.ttl?"
    reply = published.fetch(path + urlencode(RELATION))
    assert (reply.status, reply.type) == (200, "text/turtle")
    assert 'filename="le-lien-depend-de-la-vue.ttl"' in reply.headers["Content-Disposition"]
    assert published.fetch(path).status == 400


HOSTILE = (
    "<script>alert(1)</script>",
    "\u202eevil \U0001f468\u200d\U0001f469\u200d\U0001f467",
    '" . <urn:s> <urn:p> <urn:o> . #',
    "a\x00\x1b\r\nb",
)


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_text_and_nothing_else(published: Served, text: str) -> None:
    fields = {**RELATION, "label.fr": text, "relationSource.name": text, "locator": text}
    page = shown(published, "relation", fields)
    assert "<script>alert" not in page
    fields.pop("relationSource.name")
    said = list(parse(checked(published, "relation", fields)["turtle"], format=RdfFormat.TURTLE))
    assert len({quad.subject for quad in said}) == 1
    assert len(said) == len(fields) + 1


@pytest.mark.parametrize(
    ("kind", "fields", "status"),
    [
        ("nothing", {}, 404),
        ("relation", {"label.fr": "x" * 10_000}, 400),
        ("relation", {"locator": ["x"] * 100}, 400),
        ("relation", {"label.fr": "x" * 100_000}, 413),
        ("relation", {"relationSource": "https://example.org/a b> <c"}, 200),
        ("relation", {"relationSource": "https://example.org/" + "x" * 5_000}, 200),
        ("relation", {"relationType": "nothing", "documentedBy.name": "🙂"}, 200),
    ],
)
def test_everything_is_bounded(
    published: Served, kind: str, fields: dict[str, Any], status: int
) -> None:
    assert posted(published, kind, fields).status == status


@given(st.dictionaries(st.sampled_from(LANGUAGES), st.text(max_size=200)))
def test_any_text_comes_back_from_the_turtle(texts: dict[str, str]) -> None:
    kind = KINDS["document"]
    (title,) = (field for field in fields_of(kind) if field.control == TEXTS)
    sent = MultiDict({f"title.{code}": text for code, text in texts.items()})
    entries: dict[str, list[Entry]] = {field.name: [] for field in fields_of(kind)}
    entries["title"] = list(read(title, sent, ()))
    said = triples_of(kind, f"{BASE}/id/document/x", fields_of(kind), entries)
    node, prop = said[0].subject, NamedNode(title.iri)
    assert {entry.language for entry in entries["title"]} <= set(texts)
    again = {q.triple for q in parse(written(said, "text/turtle"), format=RdfFormat.TURTLE)}
    assert again == set(said)
    assert all(
        Triple(node, prop, Literal(entry.text, language=entry.language)) in again
        for entry in entries["title"]
    )
