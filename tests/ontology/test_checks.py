"""Each check finds nothing in a small clean ontology, and finds what is broken in it on purpose."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from atlas.errors import UnknownName
from ontology.checks import CHECKS, run
from ontology.findings import ERROR, INFORMATION, WARNING, Finding
from ontology.messages import LANGUAGES, MESSAGES
from ontology.project import Project

Reading = Callable[[], Project]
FILE_CHECKS = [check for check in CHECKS if check.name not in ("reasoner", "translations")]


def findings(project: Project, name: str) -> list[Finding]:
    (outcome,) = run(project, only=[name])
    assert outcome.check.name == name
    return list(outcome.findings)


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert old in text, f"{old!r} is not in {path.name}"
    path.write_text(text.replace(old, new), "utf-8")


@pytest.mark.parametrize("check", FILE_CHECKS, ids=lambda check: check.name)
def test_a_clean_ontology_gives_no_finding(check: object, project: Reading) -> None:
    assert findings(project(), check.name) == []  # type: ignore[attr-defined]


CORE, PLACES = "ontology/core.ttl", "ontology/places.ttl"
SCALES, EXTERNAL = "ontology/vocabularies/scales.ttl", "ontology/imports/external.ttl"
CATALOG, QUERY, SHAPES = "ontology/catalog-v001.xml", "queries/places.rq", "shapes/places.ttl"

# Check, file broken, what is there, what is put there, the term found, words of the message.
BROKEN = [
    ("syntax", CORE, "atlas:Thing a", "atlas:Thing ;; a", "", "line"),
    ("syntax", SHAPES, "a sh:NodeShape .", "a .", "", "line 4"),
    ("stable-form", CORE, "owl:Class ;\n", "owl:Class;\n", "", "atlas format"),
    ("stable-form", CORE, '"thing"@en', '"thing"@en, "x"^^xsd:string', "", "atlas format"),
    ("stable-form", CORE, "\n\natlas", "\n# comment\n\natlas", "", "-# comment"),
    ("stable-form", CORE, "<https://example.org/someone>", "_:x ; rdfs:seeAlso _:x", "", "twice"),
    ("catalog", CATALOG, "<catalog", "<catalogue", "", "XML"),
    ("catalog", CATALOG, "<catalog", '<!DOCTYPE x [<!ENTITY e "e">]><catalog', "", "XML"),
    ("catalog", CATALOG, 'uri="core.ttl"', 'uri="places.ttl"', "", "not that ontology"),
    ("catalog", CATALOG, 'uri="core.ttl"', 'uri="gone.ttl"', "", "not that ontology"),
    ("catalog", CATALOG, "module/core", "module/other", "module/core", "add <uri"),
    ("catalog", CORE, "import/external>", "import/elsewhere>", "module/core", "to no file"),
    ("catalog", EXTERNAL, "owl:versionInfo", "owl:imports <https://w3id.org/atlas-relationnel/"
     "module/places> ; owl:versionInfo", "module/core", "imports itself"),
    ("header", CORE, "a owl:Ontology", "a owl:Ontology, owl:Thing", "module/core", "type besides"),
    ("header", CORE, "owl:versionIRI", "owl:priorVersion", "module/core", "owl:versionIRI"),
    ("header", CORE, 'owl:versionInfo "0.1.0"', 'owl:versionInfo "1"@en', "module/core",
     "owl:versionInfo"),
    ("header", CORE, '"petit noyau"@fr', '"petit noyau"@de', "module/core", "dcterms:title"),
    ("header", CORE, '"A core for the tests."@en,', "", "module/core", "dcterms:description"),
    ("header", CORE, "<https://creativecommons.org/licenses/by/4.0/>", '"CC BY"', "module/core",
     "licence"),
    ("header", CORE, "<https://example.org/someone>", '[ rdfs:label "someone" ]', "module/core",
     "who wrote"),
    ("header", CORE, 'created "2026-11-24"^^xsd:date', 'created "2026"', "module/core", "created"),
    ("header", CORE, 'modified "2026-11-24"^^xsd:date', 'modified "now"', "module/core", "changed"),
    ("header", CORE, 'vann:preferredNamespacePrefix "atlas" ;', "", "module/core", "its prefix"),
    ("header", CORE, "vann:preferredNamespaceUri atlas: ;", "", "module/core", "its namespace"),
    ("labels", CORE, '"chose"@fr', '"chose"@fr, "truc"@fr', "ontology/Thing", "rdfs:label"),
    ("labels", CORE, '"chose"@fr', '"Ding"@de', "ontology/Thing", "rdfs:label"),
    ("labels", CORE, '"chose"@fr,', "", "ontology/Thing", "rdfs:label"),
    ("labels", CORE, '"Ce dont on parle dans un essai."@fr,', "", "ontology/Thing",
     "skos:definition per"),
    ("labels", CORE, '"Ce dont on parle dans un essai."@fr', '"chose"@fr', "ontology/Thing",
     "other than its label"),
    ("labels", CORE, "dans un essai.", "dans un essai", "ontology/Thing", "one sentence"),
    ("labels", CORE, "Ce dont on parle", "Classe qui parle", "ontology/Thing", "one sentence"),
    ("labels", SCALES, '"municipio"@es', '"commune"@it', "scales/commune", "skos:prefLabel"),
    ("labels", SCALES, '"The smallest rank."@en', '"The smallest rank."', "scales/commune",
     "skos:definition"),
    ("labels", SCALES, '"escalas"@es', '"escalas"@it', "vocabulary/scales", "one title"),
    ("sources", CORE, "<https://example.org/glossary>", '[ rdfs:label "page" ]', "ontology/Thing",
     "blank node"),
    ("sources", CORE, '"Ours: no source defines it."@en', '"fr: to review"@en', "ontology/Scale",
     "No source"),
    ("sources", SCALES, "dcterms:source <https://example.org/glossary> ;", "", "scales/commune",
     "No source"),
    ("names", CORE, "atlas:Thing", "atlas:thing", "ontology/thing", "class is named"),
    ("names", CORE, "atlas:Thing", "atlas:THING", "ontology/THING", "class is named"),
    ("names", CORE, "atlas:atScale", "atlas:AtScale", "ontology/AtScale", "property is named"),
    ("names", SCALES, "scales/commune>", "scales/Commune>", "scales/Commune", "concept’s IRI"),
    ("names", CORE, "module:core a", "<https://w3id.org/atlas-relationnel/module/core/1.0> a",
     "module/core/1.0", "ontology’s IRI"),
    ("names", CORE, "rdfs:isDefinedBy module:core ;", "", "ontology/Thing", "which module"),
    ("names", CORE, "rdfs:isDefinedBy module:core ;", "owl:deprecated true ;", "ontology/Thing",
     "replaces it"),
    ("names", CORE, "rdfs:isDefinedBy module:core ;", "owl:deprecated true ;", "ontology/Thing",
     "says why"),
    ("undeclared", EXTERNAL, "dcterms:source a owl:AnnotationProperty .", "", "terms/source",
     "Protégé would lose it"),
    ("undeclared", PLACES, "rdfs:subClassOf atlas:Thing", "rdfs:subClassOf atlas:Think",
     "ontology/Think", "declared neither"),
    ("undeclared", PLACES, "owl:imports module:core ;", "", "ontology/Thing", "declared neither"),
    ("undeclared", PLACES, "owl:disjointWith atlas:Place", "owl:disjointWith [ a owl:Class ; "
     "owl:unionOf ( atlas:Place <http://www.w3.org/ns/org#Role> ) ]", "org#Role", "neither"),
    ("undeclared", QUERY, "atlas:governs", "atlas:goverms", "ontology/goverms", "named here"),
    ("undeclared", SHAPES, "atlas:Place", "atlas:Plaice", "ontology/Plaice", "named here"),
    ("undeclared", SHAPES, "a atlas:Thing }", "a atlas:Thong }", "ontology/Thong", "named here"),
    ("unused", QUERY, "atlas:governs", "?any", "ontology/governs", "no question"),
    ("unused", QUERY, "atlas:governs ?place", "?any 'atlas:governs'", "ontology/governs", "no qu"),
    ("unused", SHAPES, "atlas:Scale a", "atlas:Place a", "ontology/Scale", "no question"),
    ("unused", "loaders/places.py", '"insideCode"', '"some insideCode"', "ontology/insideCode",
     "no question"),
    ("modules", PLACES, "isDefinedBy module:places", "isDefinedBy module:core", "ontology/Place",
     "move it"),
    ("punning", CORE, "a owl:ObjectProperty", "a owl:AnnotationProperty, owl:ObjectProperty",
     "ontology/atScale", "owl:AnnotationProperty + owl:ObjectProperty"),
    ("punning", EXTERNAL, "skos:inScheme a owl:ObjectProperty",
     "skos:inScheme a owl:ObjectProperty, owl:DatatypeProperty", "core#inScheme",
     "owl:DatatypeProperty + owl:ObjectProperty"),
]  # fmt: skip


@pytest.mark.parametrize(("check", "file", "old", "new", "term", "words"), BROKEN)
def test_what_is_broken_on_purpose_is_found(
    check: str, file: str, old: str, new: str, term: str, words: str,
    folder: Path, project: Reading,
) -> None:  # fmt: skip
    change(folder / file, old, new)
    found = [one for one in findings(project(), check) if words in one.message["en"]]
    assert any(one.term.endswith(term) for one in found), findings(project(), check)
    assert all(one.severity == ERROR for one in found)


def test_every_check_of_files_is_broken_on_purpose_at_least_once() -> None:
    assert {check.name for check in FILE_CHECKS} == {row[0] for row in BROKEN}


@pytest.mark.parametrize("check", FILE_CHECKS, ids=lambda check: check.name)
def test_a_finding_names_the_file(check: object, folder: Path, project: Reading) -> None:
    name = check.name  # type: ignore[attr-defined]
    file, old, new = next(row[1:4] for row in BROKEN if row[0] == name)
    change(folder / file, old, new)
    found = findings(project(), name)
    assert found
    assert all(one.file is not None and one.file.is_file() for one in found)


def test_a_capital_or_a_has_is_a_warning_only(folder: Path, project: Reading) -> None:
    change(folder / CORE, '"chose"@fr', '"Chose"@fr')
    change(folder / CORE, "atlas:atScale", "atlas:hasScale")
    for name in ("labels", "names"):
        assert [found.severity for found in findings(project(), name)] == [WARNING]


def test_a_missing_catalogue_is_a_finding(folder: Path, project: Reading) -> None:
    (folder / CATALOG).unlink()
    (found,) = findings(project(), "catalog")
    assert "not there" in found.message["en"]


def test_a_deprecated_term_may_be_unused(folder: Path, project: Reading) -> None:
    change(folder / QUERY, "atlas:governs", "?any")
    change(folder / PLACES, "atlas:governs a owl:ObjectProperty ;",
           "atlas:governs a owl:ObjectProperty ; owl:deprecated true ;")  # fmt: skip
    assert findings(project(), "unused") == []


def test_a_broken_file_does_not_keep_the_other_checks_from_the_rest(
    folder: Path, project: Reading
) -> None:
    change(folder / PLACES, "atlas:Place a", "atlas:Place ;; a")
    change(folder / CORE, '"chose"@fr,', "")
    assert [found.term.rpartition("/")[2] for found in findings(project(), "labels")] == ["Thing"]


def test_translations_to_review_are_counted_as_information(project: Reading) -> None:
    (outcome,) = run(project(), only=["translations"])
    assert [found.severity for found in outcome.findings] == [INFORMATION]
    assert outcome.findings[0].message["en"] == "translations to review in es: 1"
    assert not outcome.failed


def test_terms_of_others_are_not_held_to_our_style(folder: Path, project: Reading) -> None:
    change(folder / EXTERNAL, "skos:Concept a owl:Class .",
           'skos:Concept a owl:Class ; rdfs:label "Concept"@en .'
           " @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .")  # fmt: skip
    assert findings(project(), "labels") == []


def test_an_unknown_name_of_a_check_lists_the_names(project: Reading) -> None:
    with pytest.raises(UnknownName, match=r"no check 'lables'; there are syntax, stable-form"):
        list(run(project(), only=["lables"]))


def test_every_message_speaks_the_three_languages() -> None:
    texts = [check.proves for check in CHECKS] + list(MESSAGES.values())
    assert all(set(text) == set(LANGUAGES) for text in texts)
