"""Links from what the default graph holds to other authorities, counted; VoID calls them linksets.

https://www.w3.org/TR/void/#linkset. An authority is the scheme and the host of an IRI: a link is a
triple of one of these properties whose two ends have different ones.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from urllib.parse import quote

from pyoxigraph import Literal, NamedNode, Triple

from atlas.namespaces import DCTERMS, OWL, RDF, RDFS, SKOS, VOID

TYPE = NamedNode(f"{RDF}type")
PROPERTIES = (
    *(f"{SKOS}{kind}Match" for kind in ("exact", "close", "broad", "narrow", "related")),
    *(f"{OWL}{name}" for name in ("sameAs", "equivalentClass", "equivalentProperty")),
    *(f"{RDFS}sub{of}Of" for of in ("Class", "Property")),
    f"{DCTERMS}spatial",
    f"{DCTERMS}subject",
)
SCHEME_END = "://"


def _authority(variable: str) -> str:
    """What ``authority`` gives, in SPARQL."""
    text = f"STR(?{variable})"
    host = f'STRBEFORE(CONCAT(STRAFTER({text}, "{SCHEME_END}"), "/"), "/")'
    bare = f'STRBEFORE(CONCAT({host}, "#"), "#")'
    return f'IF({bare} = "", "", CONCAT(STRBEFORE({text}, "{SCHEME_END}"), "{SCHEME_END}", {bare}))'


COUNTED = f"""SELECT ?property ?authority (COUNT(*) AS ?count) WHERE {{
  VALUES ?property {{ {" ".join(f"<{name}>" for name in PROPERTIES)} }}
  ?from ?property ?to
  FILTER (isIRI(?from) && isIRI(?to))
  BIND ({_authority("to")} AS ?authority)
  FILTER (?authority != "" && ?authority != {_authority("from")})
}} GROUP BY ?property ?authority"""

# (property, authority of the objects) -> triples
Links = dict[tuple[str, str], int]


def authority(iri: str) -> str:
    """The scheme and the host of an IRI, "" where it has none."""
    scheme, end, rest = iri.partition(SCHEME_END)
    host = rest.partition("/")[0].partition("#")[0]
    return f"{scheme}{end}{host}" if host else ""


def of_triples(triples: Iterable[Triple]) -> Counter[tuple[str, str]]:
    """The links among some triples."""
    found: Counter[tuple[str, str]] = Counter()
    for triple in triples:
        start, end = triple.subject, triple.object
        if triple.predicate.value not in PROPERTIES:
            continue
        if isinstance(start, NamedNode) and isinstance(end, NamedNode):
            target = authority(end.value)
            if target and target != authority(start.value):
                found[triple.predicate.value, target] += 1
    return found


def to_json(links: Links) -> dict[str, dict[str, int]]:
    """By property, then by authority."""
    found: dict[str, dict[str, int]] = {}
    for (prop, target), count in sorted(links.items()):
        found.setdefault(prop, {})[target] = count
    return found


def from_json(content: Mapping[str, Mapping[str, int]]) -> Links:
    return {
        (prop, target): count
        for prop, targets in content.items()
        for target, count in targets.items()
    }


def largest(links: Links, most: int) -> list[tuple[str, str]]:
    """The property and the authority of the linksets with the most links, those first."""
    return sorted(links, key=lambda link: (-links[link], link))[:most]


def linkset_of(dataset: NamedNode, prop: str, target: str) -> NamedNode:
    return NamedNode(f"{dataset.value}-linkset-{quote(f'{prop} {target}', safe='')}")


def other_of(dataset: NamedNode, target: str) -> NamedNode:
    """The data set of another authority, which links lead to."""
    return NamedNode(f"{dataset.value}-authority-{quote(target, safe='')}")


def linksets(dataset: NamedNode, links: Links, most: int) -> Iterator[Triple]:
    """The largest linksets, and the data sets that they lead to, known by what their IRIs share."""
    shown = largest(links, most)
    others = {target: other_of(dataset, target) for _, target in sorted(shown)}
    for prop, target in sorted(shown):
        linkset = linkset_of(dataset, prop, target)
        yield Triple(dataset, NamedNode(f"{VOID}subset"), linkset)
        yield Triple(linkset, TYPE, NamedNode(f"{VOID}Linkset"))
        for term, value in (
            ("linkPredicate", NamedNode(prop)),
            ("subjectsTarget", dataset),
            ("objectsTarget", others[target]),
            ("triples", Literal(links[prop, target])),
        ):
            yield Triple(linkset, NamedNode(VOID + term), value)
    for target, other in others.items():
        yield Triple(other, TYPE, NamedNode(f"{VOID}Dataset"))
        yield Triple(other, NamedNode(f"{VOID}uriSpace"), Literal(f"{target}/"))
