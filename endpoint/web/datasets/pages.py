"""Partners and data: sources, files, generations, validation, conformance, partner sites, reuse."""

from __future__ import annotations

from dataclasses import dataclass, replace

from flask import Blueprint, Response

import atlas
from atlas.errors import UnknownName
from endpoint.api.finding import class_label
from endpoint.feed.events import history
from endpoint.language import translate
from endpoint.names import Names, Value
from endpoint.refusals import refused
from endpoint.site import current_site
from endpoint.view import View, answer
from endpoint.web import partners
from endpoint.web.datasets import sources as datasets_sources
from endpoint.web.datasets import state as datasets_state
from endpoint.web.datasets.sources import Source
from endpoint.web.datasets.state import Told
from endpoint.wire.addresses import on_the_web
from endpoint.wire.representations import represent_json

blueprint = Blueprint("datasets", __name__)
CONFORMANCE = "/datasets/conformance.json"


@dataclass(frozen=True)
class Site:
    """A resource site that the data know of. ``languages``: tags, of the documents listed there."""

    name: Value
    page: str | None
    note: str
    documents: int
    languages: list[str]


@blueprint.get("/datasets")
def page() -> Response:
    """Everything about the data on one page.

    The state of the partners changes it too, and that the changes of a generation are worked out.
    """
    site = current_site()
    past, found = history(site), partners.all_partners(site.federation)
    told = datasets_state.generations(site, past)
    known = sum(each.changes is not None for each in told)
    return answer(
        lambda view: view.render("web/datasets.html", **content(view, told, found)),
        version=f"{past.version}-{known}-{partners.version(found)}",
    )


@blueprint.get("/datasets/<path:name>")
def source(name: str) -> Response:
    """One source: what it says of itself, what it describes, its files. Raises UnknownName."""
    return answer(lambda view: view.render("web/datasets_source.html", **one(view, name)))


@blueprint.get(CONFORMANCE)
def conformance() -> Response:
    """The conformance figures for programs."""
    return represent_json(datasets_state.conformance, version=f"conformance-{atlas.__version__}")


def content(view: View, told: list[Told], found: list[partners.Shown]) -> dict[str, object]:
    sources = datasets_sources.sources(view)
    record = view.site.record(view.generation)
    titles = {source.entry["name"]: source.title for source in sources if source.entry}
    tested = datasets_state.conformance()
    return {
        "groups": datasets_sources.by_group(sources),
        "sources": sources,
        "most": max((source.triples for source in sources), default=0),
        "given": [source for source in sources if source.files],
        "kept_back": [source for source in sources if source.refused],
        "total": view.site.catalogue(view.generation).total,
        "published": record.get("published", ""),
        "generations": told,
        "validation": datasets_state.validation(view, titles),
        "tested": tested,
        "tested_total": datasets_state.total(tested["suites"]),
        "current_version": atlas.__version__,
        "partners": found,
        "sites": resource_sites(view),
        "licences": licences(sources),
        "version": atlas.__version__,
    }


def resource_sites(view: View) -> list[Site]:
    rows = view.ask("dataset_sites")
    names = view.names(row.text("site") for row in rows)
    return [
        Site(
            name=names.value(row.text("site")),
            page=on_the_web(row.text("page")),
            note=row.text("note"),
            documents=row.number("documents"),
            languages=sorted(row.text("languages").split()),
        )
        for row in rows
    ]


def licences(sources: list[Source]) -> list[tuple[Value, list[Source]]]:
    """The licences in use, each with its sources, and last the sources that state none.

    What is invented or computed has none to name.
    """
    none = Value(translate("datasets.no_licence"))
    found: dict[str, tuple[Value, list[Source]]] = {}
    for source in sources:
        if source.group in (datasets_sources.MERGED, datasets_sources.APART):
            licence = source.licence or none
            found.setdefault(licence.text, (licence, []))[1].append(source)
    return sorted(found.values(), key=lambda row: (row[0] is none, -len(row[1])))


def one(view: View, name: str) -> dict[str, object]:
    found = datasets_sources.named(view, name)
    if found is None:
        raise refused(UnknownName, "refusal.source", name=name)
    rows = view.ask("dataset_classes", graph=found.graph)
    names = view.names(row.text("class") for row in rows)
    illustrative = found.group == datasets_sources.ILLUSTRATIVE
    return {
        "source": found,
        "classes": [(called(names, row.text("class")), row.number("things")) for row in rows],
        "titles": other_titles(found, view.language),
        "reading": found.entry.get("reading"),
        "files": datasets_sources.asked_by_name(found) if illustrative else found.files,
        "made_of": made_of(view, found),
    }


def other_titles(source: Source, language: str) -> dict[str, str]:
    """The titles in the other languages, where it is not called the same there."""
    titles = (source.entry.get("title") or {}).items()
    return {code: text for code, text in titles if code != language and text != source.title}


def called(names: Names, name: str) -> Value:
    """A class as it is called in the data, or in our words where the data do not name it."""
    value = names.value(name)
    return (
        value
        if name in names.known
        else replace(value, text=class_label(name, names.language).text)
    )


def made_of(view: View, source: Source) -> list[Source]:
    """The sources from which the rules infer what is in this graph."""
    wanted = set(source.entry.get("inferred_from", ()))
    if not wanted:
        return []
    return [each for each in datasets_sources.sources(view) if each.entry.get("name") in wanted]
