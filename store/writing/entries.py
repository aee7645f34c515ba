"""What a generation's record says of its graphs, before a write and after it."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pyoxigraph import Literal, NamedNode

from atlas.namespaces import DCTERMS
from store import lines
from store.lines import Lines
from store.writing.consequences import Publication
from store.writing.inferred import ILLUSTRATIVE
from store.writing.inferred import NAME as INFERRED
from store.writing.permission import RESERVED, WRITTEN
from store.writing.rehearsal import Change
from store.writing.writes import Write

Entry = Mapping[str, Any]
DEFAULT, ILLUSTRATIVE_TOO = "default", "illustrative"
LANGUAGES = ("fr", "en", "es")
# A source's name, which is a file's name too.
NAME = re.compile("[a-z0-9]+(-[a-z0-9]+)*")
# A digest so long that nobody finds another graph with the same.
NAME_LENGTH, DIGEST_LENGTH = 60, 24
# The ends of names that are made here, and the start of what the rules infer from a graph: a graph
# that is called so under the base would have the files of another one.
TAKEN = re.compile(rf"{INFERRED}-.*|(.*-)?[0-9a-f]{{{DIGEST_LENGTH}}}")
TITLE = NamedNode(f"{DCTERMS}title")


def named(entries: Iterable[Entry], graph: str) -> Entry | None:
    return next((entry for entry in entries if entry["graph"] == graph), None)


def is_inferred(entry: Entry) -> bool:
    return "inferred_from" in entry


def is_asserted(entry: Entry) -> bool:
    """Whether a source or a write fills the graph, and no rule or count of ours."""
    return not is_inferred(entry) and entry.get("kind") != "void"


def asserted(entries: Iterable[Entry]) -> list[Entry]:
    return [entry for entry in entries if is_asserted(entry)]


def merged(entries: Iterable[Entry]) -> list[Entry]:
    """Those whose triples the default graph holds, and from which together is inferred."""
    return [entry for entry in asserted(entries) if entry["publish"] == DEFAULT]


def published(
    before: Sequence[Entry], changes: Sequence[Change], write: Write, *, base: str, at: str
) -> tuple[list[Entry], list[Publication]]:
    """The entries once these graphs changed, and how each of these was and is published."""
    after, publications = list(before), []
    for change in changes:
        old, new = named(before, change.graph), None
        if change.after.exists:
            new = written(change, old, base=base, publish=write.publish, by=write.by, at=at)
        after = replaced(after, change.graph, new)
        either = new or old
        publications.append(
            Publication(
                change,
                name=either["name"] if either else name_of(change.graph, base),
                before=old["publish"] if old else None,
                after=new["publish"] if new else None,
            )
        )
    return after, publications


def written(
    change: Change, before: Entry | None, *, base: str, publish: str, by: str, at: str
) -> dict[str, Any]:
    """The entry of a graph that was written to, by whom and when.

    ``publish``: how a new graph is to be published. A graph that says of itself that it is
    illustrative is published so for as long as it says it.
    """
    name = before["name"] if before else name_of(change.graph, base)
    wanted = before["wanted"] if before else publish
    says = lines.says(change.graph, ILLUSTRATIVE.value, Literal(True)) in change.after.stored
    made = {"created": before["created"], "created_by": before["created_by"]} if before else {}
    return {
        "graph": change.graph,
        "name": name,
        "kind": WRITTEN,
        "file": f"{name}.nt",
        "triples": len(change.after.written),
        "rewritten": len(lines.may_be_rewritten(change.after.written)),
        "publish": ILLUSTRATIVE_TOO if says else wanted,
        "wanted": wanted,
        "title": titles(change.graph, name, change.after.stored),
        "version": "",
        "licence": "",
        "licence_verified": False,
        "attribution": "",
        "created": at,
        "created_by": by,
        **made,
        "written": at,
        "written_by": by,
    }


def name_of(graph: str, base: str) -> str:
    """A name for a graph, which no source's graph and no other graph has."""
    start = f"{base}/graph/"
    last = graph.removeprefix(start)
    if graph.startswith(start) and is_free(last):
        return last
    words = re.findall("[a-z0-9]+", graph.removeprefix(start).partition("://")[2].lower())
    digest = hashlib.sha256(graph.encode()).hexdigest()[:DIGEST_LENGTH]
    return f"{'-'.join(words)[:NAME_LENGTH].strip('-')}-{digest}".strip("-")


def is_free(name: str) -> bool:
    """Whether a graph under the base may have the last part of its IRI for a name."""
    fits = NAME.fullmatch(name) and len(name) <= NAME_LENGTH
    return bool(fits and name not in RESERVED and not TAKEN.fullmatch(name))


def titles(graph: str, name: str, held: Lines) -> dict[str, str]:
    """The title that the graph gives itself, in each language; where it gives none its name, or its
    IRI where that is not the end of it."""
    start = f"<{graph}> {TITLE} ".encode()
    found: dict[str, str] = {}
    for triple in lines.triples(sorted(line for line in held if line.startswith(start))):
        if isinstance(triple.object, Literal):
            found.setdefault(triple.object.language or "", triple.object.value)
    if not found:
        return dict.fromkeys(LANGUAGES, name if graph.endswith(f"/{name}") else graph)
    other = next(iter(found.values()))
    return {language: found.get(language, other) for language in LANGUAGES}


def replaced(entries: Sequence[Entry], graph: str, entry: Entry | None) -> list[Entry]:
    """The entries with the graph's own in place of the one it had; None: without one."""
    others = [each for each in entries if each["graph"] != graph]
    if entry is None:
        return others
    place = next((n for n, each in enumerate(entries) if each["graph"] == graph), None)
    if place is None:
        # What the rules and the count fill comes last.
        place = next((n for n, e in enumerate(others) if not is_asserted(e)), len(others))
    return [*others[:place], entry, *others[place:]]
