"""The three Service Description tests, which the suite describes by their names alone.

https://www.w3.org/TR/sparql11-service-description/
"""

from __future__ import annotations

from collections.abc import Callable

import pyoxigraph as ox
from pyoxigraph import Literal

from tests.conformance.exchanges import SYNTAXES
from tests.conformance.manifest import RDF, Node, Walk
from tests.conformance.server import ENDPOINT, Server
from tests.conformance.tasks import Description
from tests.conformance.verdicts import PASSED, Verdict

SD = "http://www.w3.org/ns/sparql-service-description#"
ACCEPT = ", ".join(SYNTAXES)
CLASSES = {
    *("Service", "Dataset", "Graph", "NamedGraph", "GraphCollection", "Feature", "Language"),
    *("Function", "Aggregate", "EntailmentRegime", "EntailmentProfile"),
}
# Domain and range of the vocabulary's properties; "" is any resource.
PROPERTIES = {
    "endpoint": ("Service", ""),
    "feature": ("Service", ""),
    "defaultEntailmentRegime": ("Service", ""),
    "entailmentRegime": ("NamedGraph", ""),
    "defaultSupportedEntailmentProfile": ("Service", ""),
    "supportedEntailmentProfile": ("NamedGraph", ""),
    "extensionFunction": ("Service", ""),
    "extensionAggregate": ("Service", ""),
    "languageExtension": ("Service", ""),
    "supportedLanguage": ("Service", ""),
    "propertyFeature": ("Service", ""),
    "defaultDataset": ("Service", "Dataset"),
    "availableGraphs": ("Service", "GraphCollection"),
    "resultFormat": ("Service", ""),
    "inputFormat": ("Service", ""),
    "defaultGraph": ("Dataset", "Graph"),
    "namedGraph": ("GraphCollection", "NamedGraph"),
    "name": ("NamedGraph", ""),
    "graph": ("NamedGraph", "Graph"),
}
ONCE = ("endpoint", "defaultGraph", "graph", "name")
SUBCLASSES = {"Dataset": {"GraphCollection"}, "Aggregate": {"Feature"}, "Function": {"Feature"}}
LANGUAGES = {"SPARQL10Query", "SPARQL11Query", "SPARQL11Update"}
FEATURES = {
    *("DereferencesURIs", "UnionDefaultGraph", "RequiresDataset", "EmptyGraphs"),
    "BasicFederatedQuery",
}


def judge(task: Description, server: Server) -> Verdict:
    """Ask the endpoint, without a query, for what it is."""
    reply = server.request("GET", ENDPOINT, {"Accept": ACCEPT})
    if reply.status != 200 or reply.media_type not in SYNTAXES:
        return Verdict(False, why=f"the response is {reply.status}, {reply.media_type}")
    graph = ox.Dataset(
        ox.parse(reply.body, format=SYNTAXES[reply.media_type], base_iri=server.address)
    )
    why = CHECKS[task.about](Walk(graph), server.address + ENDPOINT)
    return Verdict(False, why=why) if why else PASSED


def _is_rdf(walk: Walk, endpoint: str) -> str | None:
    return None if len(walk.dataset) else "the description is empty"


def _names_the_endpoint(walk: Walk, endpoint: str) -> str | None:
    named = {
        address.value
        for service in walk.subjects(SD + "endpoint")
        for address in walk.objects(service, SD + "endpoint")
    }
    return None if endpoint in named else f"sd:endpoint is {', '.join(sorted(named)) or 'missing'}"


def _conforms(walk: Walk, endpoint: str) -> str | None:
    """Only terms of the vocabulary, each with subject and object of its kind."""
    types = _types(walk)
    if "Service" not in set().union(*types.values(), set()):
        return "there is no sd:Service"
    for quad in walk.dataset:
        name = quad.predicate.value.removeprefix(SD)
        if quad.predicate.value == RDF + "type" or name == quad.predicate.value:
            continue
        if name not in PROPERTIES:
            return f"sd:{name} is not in the vocabulary"
        domain, range_ = PROPERTIES[name]
        if isinstance(quad.object, Literal):
            return f"sd:{name} has a literal"
        if domain not in types.get(quad.subject, ()):
            return f"the subject of sd:{name} is no sd:{domain}"
        if range_ and range_ not in types.get(quad.object, ()):
            return f"the object of sd:{name} is no sd:{range_}"
        if name in ONCE and len(walk.objects(quad.subject, quad.predicate.value)) > 1:
            return f"sd:{name} is given more than once"
    return _known_instances(walk)


def _types(walk: Walk) -> dict[Node, set[str]]:
    types: dict[Node, set[str]] = {}
    for node in walk.subjects(RDF + "type"):
        names = {kind.value.removeprefix(SD) for kind in walk.objects(node, RDF + "type")}
        types[node] = names.union(*(SUBCLASSES.get(name, set()) for name in names))
    return types


def _known_instances(walk: Walk) -> str | None:
    """Languages and features are named by the vocabulary's own instances."""
    for predicate, known in (("supportedLanguage", LANGUAGES), ("feature", FEATURES)):
        for service in walk.subjects(SD + predicate):
            for value in walk.objects(service, SD + predicate):
                if value.value.startswith(SD) and value.value.removeprefix(SD) not in known:
                    return f"{value} is not in the vocabulary"
    for kinds in (walk.objects(node, RDF + "type") for node in walk.subjects(RDF + "type")):
        for kind in kinds:
            if kind.value.startswith(SD) and kind.value.removeprefix(SD) not in CLASSES:
                return f"{kind} is not in the vocabulary"
    return None


CHECKS: dict[str, Callable[[Walk, str], str | None]] = {
    "returns-rdf": _is_rdf,
    "has-endpoint-triple": _names_the_endpoint,
    "conforms-to-schema": _conforms,
}
