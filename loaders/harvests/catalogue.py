"""A DCAT catalogue: which files give what it describes, one for each dataset.

https://www.w3.org/TR/vocab-dcat-3/#Class:Distribution: the distributions of a dataset are the same
data in several forms, so that one of them, in RDF, is all that is fetched.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from loaders.harvests.kinds import MEDIA_TYPES, by_name
from loaders.terms import DCTERMS, TYPE, Namespace

DCAT = Namespace("http://www.w3.org/ns/dcat#")
HYDRA = Namespace("http://www.w3.org/ns/hydra/core#")
NAMESPACE = DCAT.iri.encode()
# The best first: what is read fastest, and cannot be cut short unnoticed.
PREFERRED = ("ttl", "nt", "nq", "trig", "rdf", "jsonld", "n3", "owl")
# The end of an IRI of https://op.europa.eu/en/web/eu-vocabularies/dataset/-/resource?uri=
# http://publications.europa.eu/resource/dataset/file-type, or of a plain word.
FILE_TYPES = {
    "rdf_turtle": "ttl",
    "turtle": "ttl",
    "ttl": "ttl",
    "rdf_n_triples": "nt",
    "n-triples": "nt",
    "rdf_n_quads": "nq",
    "n-quads": "nq",
    "rdf_trig": "trig",
    "trig": "trig",
    "rdf_xml": "rdf",
    "rdf/xml": "rdf",
    "rdf": "rdf",
    "json_ld": "jsonld",
    "json-ld": "jsonld",
}


@dataclass(frozen=True)
class Chosen:
    """One file to fetch: its address, the syntax that the catalogue says, its stated licence."""

    address: str
    syntax: str
    licence: str


@dataclass(frozen=True)
class Catalogue:
    """What is to be fetched, in a stable order; the datasets without RDF; further pages."""

    chosen: tuple[Chosen, ...] = ()
    without: tuple[str, ...] = ()
    pages: tuple[str, ...] = ()


@dataclass
class _Said:
    """The triples of a catalogue by subject and predicate."""

    values: dict[tuple[object, NamedNode], list[object]] = field(
        default_factory=lambda: defaultdict(list)
    )

    def of(self, subject: object, *predicates: NamedNode) -> list[str]:
        """The IRIs and texts that these properties of a subject have."""
        return [
            value.value
            for predicate in predicates
            for value in self.values.get((subject, predicate), ())
            if isinstance(value, NamedNode | Literal)
        ]


def read(triples: Iterable[Triple]) -> Catalogue | None:
    """The catalogue that the triples are, None where they describe no dataset's distribution."""
    said, datasets, pages = _Said(), dict[object, None](), dict[str, None]()
    for triple in triples:
        said.values[triple.subject, triple.predicate].append(triple.object)
        if triple.predicate == TYPE and triple.object == DCAT["Dataset"]:
            datasets[triple.subject] = None
        elif triple.predicate == DCAT["dataset"]:
            datasets[triple.object] = None
        elif triple.predicate in (HYDRA["next"], HYDRA["nextPage"]):
            pages |= dict.fromkeys([str(getattr(triple.object, "value", ""))])
    if not any((dataset, DCAT["distribution"]) in said.values for dataset in datasets):
        return None
    chosen, without = [], []
    for dataset in datasets:
        best = min(_candidates(said, dataset), key=_rank, default=None)
        if best is not None:
            chosen.append(best)
        elif (dataset, DCAT["distribution"]) in said.values:
            without.append(_name(said, dataset))
    unique = {one.address: one for one in chosen}
    files = tuple(unique[address] for address in sorted(unique))
    return Catalogue(files, tuple(sorted(without)), tuple(sorted(filter(None, pages))))


def _candidates(said: _Said, dataset: object) -> Iterator[Chosen]:
    """The RDF files of a dataset."""
    for distribution in said.values.get((dataset, DCAT["distribution"]), ()):
        addresses = said.of(distribution, DCAT["downloadURL"])
        addresses = addresses or said.of(distribution, DCAT["accessURL"])
        licences = said.of(distribution, DCTERMS["license"]) or said.of(dataset, DCTERMS["license"])
        for address in addresses:
            if syntax := _syntax(said, distribution) or by_name(address):
                yield Chosen(address, syntax, licences[0] if len(licences) == 1 else "")


def _syntax(said: _Said, distribution: object) -> str:
    """The RDF syntax that the distribution says, "" where it says none."""
    for word in said.of(distribution, DCAT["mediaType"], DCTERMS["format"]):
        lower = word.lower().partition(";")[0]
        media_type = "/".join(lower.rstrip("/").split("/")[-2:])
        found = MEDIA_TYPES.get(media_type) or FILE_TYPES.get(lower)
        if found := found or FILE_TYPES.get(lower.rpartition("/")[2]):
            return found
    return ""


def _rank(chosen: Chosen) -> tuple[int, str]:
    known = PREFERRED.index(chosen.syntax) if chosen.syntax in PREFERRED else len(PREFERRED)
    return known, chosen.address


def _name(said: _Said, dataset: object) -> str:
    titles = said.of(dataset, DCTERMS["title"])
    if titles:
        return titles[0]
    return dataset.value if isinstance(dataset, NamedNode | BlankNode) else str(dataset)
