"""The sources of the atlas: what each named graph says of itself, and how it is published."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from flask import url_for

from endpoint.names import Value
from endpoint.page_addresses import at
from endpoint.publishing.distributions import address_of, available
from endpoint.publishing.licences import SHARE_ALIKE, licence_name
from endpoint.solutions import Solution
from endpoint.view import View
from endpoint.wire.addresses import on_the_web
from store.exports.dump import refusals
from store.exports.dump_files import FORMS, PACKED, name_of
from store.statistics import void_graph

# The groups in which a page lists them.
MERGED, APART, COMPUTED, ILLUSTRATIVE = "merged", "apart", "computed", "illustrative"
GROUPS = (MERGED, APART, COMPUTED, ILLUSTRATIVE)

Entry = Mapping[str, Any]


@dataclass(frozen=True)
class Source:
    """One named graph. What it does not say of itself is empty.

    ``verified``: None where it does not say. ``group``: one of GROUPS. ``why``: the reason, a key
    of our words, why it is not in the default graph; ``refused``: why it is not given away.
    """

    graph: str
    title: str
    page: str
    triples: int
    group: str
    why: str = ""
    refused: str = ""
    licence: Value | None = None
    verified: bool | None = None
    attribution: str = ""
    origin: Value | None = None
    version: str = ""
    read: str = ""
    origins: int = 0
    files: list[Value] = field(default_factory=list)
    entry: Entry = field(default_factory=dict)


def sources(view: View) -> list[Source]:
    """All named graphs, the largest first. Raises what the queries raise."""
    counts = void_graph(view.base)
    rows = view.ask("dataset_sources", counts=counts)
    catalogue = view.site.catalogue(view.generation)
    uncounted = [row.text("graph") for row in rows if not row.text("triples")]
    uncounted += sorted(catalogue.illustrative)
    if uncounted:
        counted = view.ask("dataset_counted", graphs=" ".join(uncounted))
        found = {row.text("graph"): row for row in counted}
        rows = [row for row in rows if row.text("graph") not in found] + counted
    record = view.site.record(view.generation)
    made = Maker(view, record, catalogue.illustrative)
    return sorted(map(made.source, rows), key=lambda source: (-source.triples, source.graph))


def by_group(found: Iterable[Source]) -> dict[str, list[Source]]:
    """The groups that have a source, in their order."""
    groups: dict[str, list[Source]] = {group: [] for group in GROUPS}
    for source in found:
        groups[source.group].append(source)
    return {group: listed for group, listed in groups.items() if listed}


@dataclass
class Maker:
    """What a generation's record says of its graphs, beside what they say of themselves."""

    view: View
    record: Mapping[str, Any]
    illustrative: frozenset[str]

    def __post_init__(self) -> None:
        graphs = self.record.get("graphs", ())
        self.entries = {entry["graph"]: entry for entry in graphs}
        self.given = {entry["graph"] for entry in available(self.record)}
        self.refusals = refusals(graphs)

    def source(self, row: Solution) -> Source:
        graph = row.text("graph")
        entry = self.entries.get(graph, {})
        group = self.group(row, entry)
        licence = row.text("licence") or str(entry.get("licence") or "")
        return Source(
            graph=graph,
            title=row.text("title") or said(entry, self.view.language) or graph,
            page=self.page(graph, entry),
            triples=row.number("triples"),
            group=group,
            why=why_apart(group, licence),
            refused=self.refused(row, entry, group, licence),
            licence=Value(licence_name(licence), on_the_web(licence), True) if licence else None,
            verified=boolean(row.text("verified")),
            attribution=row.text("attribution"),
            origin=whence(row.text("source")),
            version=row.text("version"),
            read=row.text("read"),
            origins=row.number("origins"),
            files=self.files(entry) if graph in self.given else [],
            entry=entry,
        )

    def page(self, graph: str, entry: Entry) -> str:
        """The page of a source; one that is neither recorded nor named under the base has none."""
        under = graph.removeprefix(f"{self.view.base}/graph/")
        name = entry.get("name") or (under if under != graph else "")
        return at("datasets.source", name=name) if name else ""

    def group(self, row: Solution, entry: Entry) -> str:
        graph = row.text("graph")
        if graph in self.illustrative:
            return ILLUSTRATIVE
        if row.number("origins") or graph == void_graph(self.view.base):
            return COMPUTED
        return MERGED if row.text("merged") or entry.get("publish") == "default" else APART

    def refused(self, row: Solution, entry: Entry, group: str, licence: str) -> str:
        if not entry or entry["name"] not in self.refusals:
            return ""
        if group == ILLUSTRATIVE:
            return "illustrative"
        if row.number("origins"):
            return "tainted"
        return "unverified" if licence else "unstated"

    def files(self, entry: Entry) -> list[Value]:
        return [Value(f"{form}{PACKED}", address_of(entry, form)) for form in FORMS]


def named(view: View, name: str) -> Source | None:
    """The source with this name in the record, or called so under the base; None: there is none."""
    graph = f"{view.base}/graph/{name}"
    return next(
        (each for each in sources(view) if each.graph == graph or each.entry.get("name") == name),
        None,
    )


def file_name(source: Source) -> str:
    return name_of(source.entry)


def asked_by_name(source: Source) -> list[Value]:
    """The files of a graph of invented examples: had by who asks for them by their name."""
    return [
        Value(
            f"{form}{PACKED}",
            url_for("dumps.file", name=file_name(source), extension=form, _external=True),
        )
        for form in FORMS
    ]


def why_apart(group: str, licence: str) -> str:
    if group != APART:
        return ""
    return "share_alike" if SHARE_ALIKE.search(licence) else "chosen"


def said(entry: Entry, language: str) -> str:
    """The title in the record; a graph that was written to may have none of its own."""
    return str((entry.get("title") or {}).get(language, "") or entry.get("name", ""))


def whence(address: str) -> Value | None:
    """Where a source is from, shown as its host and path: an address says who speaks."""
    if not address:
        return None
    try:
        parts = urlsplit(address)
    except ValueError:
        return Value(address)
    short = f"{parts.netloc}{parts.path}".rstrip("/").removeprefix("www.")
    return Value(short or address, on_the_web(address), True)


def boolean(text: str) -> bool | None:
    return {"true": True, "false": False, "1": True, "0": False}.get(text)
