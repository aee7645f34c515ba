"""The rows of the table: a specification and what of it is tested."""

from __future__ import annotations

from tests.conformance.suite import Case
from tests.conformance.tasks import Document, Evaluation, Syntax, Update

VERSIONS = {
    "sparql10": "SPARQL 1.0",
    "sparql11": "SPARQL 1.1",
    "sparql12": "SPARQL 1.2",
    "rdf11": "RDF 1.1",
    "rdf12": "RDF 1.2",
}
# Folders that are a specification of their own.
SPECIFICATIONS = {
    "csv-tsv-res": "SPARQL 1.1 Query Results CSV and TSV",
    "json-res": "SPARQL 1.1 Query Results JSON",
    "protocol": "SPARQL 1.1 Protocol",
    "graph-store-protocol": "SPARQL 1.1 Graph Store Protocol",
    "http-rdf-update": "SPARQL 1.1 Graph Store Protocol, older tests",
    "service-description": "SPARQL 1.1 Service Description",
    "service": "SPARQL 1.1 Federated Query",
    "entailment": "SPARQL 1.1 Entailment Regimes",
}
SYNTAXES = {
    "rdf-turtle": "Turtle",
    "rdf-trig": "TriG",
    "rdf-n-triples": "N-Triples",
    "rdf-n-quads": "N-Quads",
    "rdf-xml": "RDF/XML",
}
# The rows in their order.
GROUPS = (
    *(f"SPARQL 1.0 query {what}" for what in ("syntax", "evaluation")),
    *(
        f"SPARQL {version} {language} {what}"
        for version in ("1.1", "1.2")
        for language in ("query", "update")
        for what in ("syntax", "evaluation")
    ),
    *SPECIFICATIONS.values(),
    *(f"RDF {version} {name}" for version in ("1.1", "1.2") for name in SYNTAXES.values()),
)


def group_of(case: Case) -> str:
    """The row that a case counts in."""
    _, version, folder, *_ = case.folder.split("/")
    if folder in SPECIFICATIONS:
        return SPECIFICATIONS[folder]
    match case.task:
        case Document():
            what = SYNTAXES[folder]
        case Evaluation():
            what = "query evaluation"
        case Update():
            what = "update evaluation"
        case Syntax(update=True):
            what = "update syntax"
        case _:
            what = "query syntax"
    return f"{VERSIONS[version]} {what}"
