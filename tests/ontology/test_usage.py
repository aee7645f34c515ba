"""What counts as using a term, in each kind of file."""

from __future__ import annotations

from pathlib import Path

import pytest

from ontology.usage import used_terms

ATLAS = "https://w3id.org/atlas-relationnel/ontology/"


@pytest.mark.parametrize(
    ("name", "text", "terms"),
    [
        ("q.rq", "SELECT * { ?s a atlas:Commune ; atlas:partOf+ ?o }", {"Commune", "partOf"}),
        ("q.rq", f"SELECT * {{ ?s <{ATLAS}governs> ?o }}", {"governs"}),
        ("q.rq", "#+ title: atlas:Commune\nSELECT * { ?s ?p 'atlas:Actor' } # atlas:Scale", set()),
        ("q.rq", "SELECT * { ?s (atlas:a|^atlas:b)/!atlas:c ?o. }", {"a", "b", "c"}),
        ("q.rq", "SELECT * { ?s ?p <http://example.org/atlas:Commune> }", set()),
        ("q.rq", 'SELECT * { ?s ?p """# " atlas:x """ ; atlas:y ?z }', {"y"}),
        ("u.ru", "INSERT DATA { <urn:a> a atlas:Commune . }", {"Commune"}),
        ("t.py", '"""About atlas."""\nX = ATLAS["Commune"]\nY = ATLAS.partOf\n',
         {"Commune", "partOf"}),
        ("t.py", 'T = {"CC": "OwnTaxGrouping"}\nQ = "SELECT * { ?s a atlas:Actor }"\n',
         {"CC", "OwnTaxGrouping", "Actor"}),
        ("t.py", '# ATLAS["Commune"]\nX = OTHER.Commune\n', set()),
        ("t.toml", 'class = "Experience"\n[columns]\n"atlas:weight" = ["a b", "participants"]\n',
         {"Experience", "weight", "participants"}),
        ("t.csv", "atlas:Commune", set()),
    ],
)  # fmt: skip
def test_terms_are_found_where_they_are_used(
    tmp_path: Path, name: str, text: str, terms: set[str]
) -> None:
    path = tmp_path / name
    path.write_text(text, "utf-8")
    assert used_terms(path) >= {ATLAS + term for term in terms}
    if not terms:
        assert used_terms(path) == set()


def test_turtle_uses_terms_in_any_place_and_in_sparql_held_by_shapes(tmp_path: Path) -> None:
    path = tmp_path / "shapes.ttl"
    path.write_text(
        "@prefix atlas: <https://w3id.org/atlas-relationnel/ontology/> .\n"
        "@prefix sh: <http://www.w3.org/ns/shacl#> .\n"
        '[] sh:targetClass atlas:Commune ; sh:select "SELECT $this { $this atlas:partOf ?x }" ;\n'
        '   atlas:weight "atlas:population" .\n',
        "utf-8",
    )
    assert used_terms(path) == {f"{ATLAS}{name}" for name in ("Commune", "partOf", "weight")}
