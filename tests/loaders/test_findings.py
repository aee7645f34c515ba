"""What the shapes found, as a record keeps it: results that say the same are one finding."""

from __future__ import annotations

from pathlib import Path

from atlas.settings import Settings
from loaders import findings
from loaders.validation import validate_files

DOSSIERS = 7
TURTLE = "\n".join(
    (
        "@prefix atlas: <https://w3id.org/atlas-relationnel/ontology/> .",
        "@prefix dcterms: <http://purl.org/dc/terms/> .",
        *(
            f'<https://example.org/{n}> a atlas:Dossier ; dcterms:title "Dossier {n}"@fr .'
            for n in range(DOSSIERS)
        ),
    )
)


def test_alike_results_are_one_finding_with_a_few_examples(tmp_path: Path) -> None:
    file = tmp_path / "dossiers.ttl"
    file.write_text(TURTLE, "utf-8")
    report = validate_files([file], Settings.load({"ATLAS_HOME": str(tmp_path)}), syntax="")
    found = findings.listed(report)
    assert sum(each["count"] for each in found) == sum(findings.counted(report).values())
    assert len({(each["severity"], each["shape"], str(each["messages"])) for each in found}) == len(
        found
    )
    lacking = next(each for each in found if "fiche de cas" in each["messages"]["fr"])
    assert lacking["severity"] == "warning"
    assert lacking["count"] == DOSSIERS
    assert lacking["messages"].keys() == {"en", "es", "fr"}
    assert lacking["examples"] == [f"https://example.org/{n}" for n in range(findings.EXAMPLES)]
