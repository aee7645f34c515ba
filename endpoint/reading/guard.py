"""What may run: bounds, services, graphs. What is refused is refused before the engine works.

The lexer finds keywords, the engine judges syntax, the worker has no network: three walls, of which
this one gives the reasons.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from atlas.errors import Forbidden, MalformedQuery, TooLarge
from atlas.settings import Settings
from endpoint.catalogue import Catalogue
from endpoint.refusals import refused
from queries.lexer import WRITTEN_OUT, Analysis, analyse
from store import Operation
from store.writing.writes import NO_GRAPH

# The engine's parser and optimiser recurse along flat chains too: 4,000 OPTIONALs end its process.
MAX_CHAINED = 2_000


def inspect(operation: Operation, settings: Settings, *, services: bool = False) -> Analysis:
    """What the operation's text reaches for, once its bounds and its form are fine.

    ``services``: whether partners may be asked for it. Raises TooLarge, MalformedQuery or
    Forbidden.
    """
    refuse_oversize(operation.text, settings)
    analysis = analyse(operation.text, operation.base)
    refuse_unreadable(analysis, settings)
    refuse_update(analysis)
    if not services:
        refuse_services(analysis)
    refuse_loads(analysis)
    return analysis


def scope(
    operation: Operation,
    analysis: Analysis,
    catalogue: Callable[[], Catalogue],
    *,
    own: Callable[[], bool] = lambda: False,
) -> Operation:
    """The operation over the dataset it may see; the catalogue is read only where that is needed.

    A dataset that the request or the text names is taken as it is, if its graphs are ours. Else
    GRAPH reaches all named graphs but the illustrative ones that the text does not name.
    ``own``: whether the store is one of its own and no atlas; there a graph that is not here is an
    empty one.
    Raises Forbidden for a graph that is not here.
    """
    operation = with_clauses(operation, analysis)
    default, named = operation.default_graphs, operation.named_graphs
    if default or named is not None:
        if not own():
            refuse_unknown((*default, *(named or ())), catalogue())
        # Only named graphs asked for means an empty default graph (SPARQL 1.1 Query, 13.2).
        return operation if default else replace(operation, default_graphs=(NO_GRAPH,))
    if not analysis.uses_graph or own():
        return operation
    hidden = catalogue().illustrative - analysis.names
    if not hidden:
        return operation
    return replace(operation, named_graphs=tuple(sorted(catalogue().graphs.keys() - hidden)))


def with_clauses(operation: Operation, analysis: Analysis) -> Operation:
    """The operation with FROM and FROM NAMED as its dataset, unless the request gave one.

    https://www.w3.org/TR/sparql11-protocol/#dataset: the request's dataset takes precedence.
    """
    stated = operation.default_graphs or operation.named_graphs is not None
    if stated or not (analysis.default_graphs or analysis.named_graphs):
        return operation
    return replace(
        operation,
        default_graphs=tuple(analysis.default_graphs),
        named_graphs=tuple(analysis.named_graphs),
    )


def refuse_oversize(text: str, settings: Settings) -> None:
    size = len(text.encode("utf-8", errors="surrogatepass"))
    if size > settings.query_bytes:
        raise refused(TooLarge, "refusal.sparql_bytes", count=size, most=settings.query_bytes)


def refuse_unreadable(analysis: Analysis, settings: Settings) -> None:
    if analysis.unclosed:
        raise refused(MalformedQuery, "refusal.sparql_quotes")
    if analysis.expansive:
        raise refused(MalformedQuery, "refusal.sparql_iris", most=WRITTEN_OUT)
    if analysis.depth > settings.query_nesting:
        raise refused(
            MalformedQuery,
            "refusal.sparql_depth",
            count=analysis.depth,
            most=settings.query_nesting,
        )
    if analysis.chained > MAX_CHAINED:
        raise refused(
            MalformedQuery, "refusal.sparql_chained", count=analysis.chained, most=MAX_CHAINED
        )


def refuse_update(analysis: Analysis) -> None:
    if analysis.is_update:
        raise refused(Forbidden, "refusal.sparql_update", form=analysis.form)


def refuse_services(analysis: Analysis) -> None:
    if analysis.uses_service:
        if not analysis.services:
            raise refused(Forbidden, "refusal.service_any")
        raise refused(Forbidden, "refusal.service", site=analysis.services[0])


def refuse_loads(analysis: Analysis) -> None:
    if analysis.loads:
        raise refused(Forbidden, "refusal.load_query", source=analysis.loads[0])


def refuse_unknown(graphs: Iterable[str], catalogue: Catalogue) -> None:
    for graph in graphs:
        if graph not in catalogue.graphs:
            raise refused(Forbidden, "refusal.sparql_graph", graph=graph)
