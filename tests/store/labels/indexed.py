"""Indexes of names over few triples, and what they find."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from pyoxigraph import Store

from store import Generation, Generations, LoadJob
from store.labels import files
from store.labels.asked import Found, Query
from store.labels.search import NameSearch
from store.labels.things import Thing

# What a writer moved away, to be removed in a moment.
SWEPT = shutil.ignore_patterns("*.tmp")
EX = "https://example.org/"
LANGUAGES = ("fr", "en", "es")
SKOS = "http://www.w3.org/2004/02/skos/core#"
OWL = "http://www.w3.org/2002/07/owl#"
RDF_TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
RDFS = "http://www.w3.org/2000/01/rdf-schema#"
HOSTILE = (
    *("\"'*()^-+:{}\\\n🙂1½\0\u202e\ufdfa\u0301\ue000"),
    *(
        "NEAR(a b)",
        "NEAR",
        "AND",
        "OR",
        "NOT",
        "a AND",
        "a OR b",
        "-a",
        '"a',
        "a*b*",
        "^a",
        "a + b",
    ),
    *("said : a", "words:a", "classes:a", "'; DROP TABLE name; --", "\ue0000123456789abcdef"),
    *("שלום", "مرحبا", "東京", "𞤀𞤣", "a𞤀b", "a" * 500, "a " * 250, "é" * 500),
)


def find(generation: Generation, text: str, language: str = "fr", **more: object) -> Found:
    search = NameSearch()
    try:
        return search.search(generation, Query(text, language, **more), (language, *LANGUAGES))
    finally:
        search.close()


def iris(generation: Generation, text: str, language: str = "fr", **more: object) -> list[str]:
    return [hit.iri for hit in find(generation, text, language, **more).hits]


def world(folder: Path, triples: str) -> Generation:
    """A generation of these triples, and nothing else, in the default graph."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "world.nt"
    path.write_text(triples, "utf-8")
    generations = Generations(folder / "home")
    with generations.stage() as staging:
        staging.load([LoadJob(path, f"{EX}graph")])
        return generations.publish(staging, {})


def said(thing: str, text: str, *, prop: str = f"{RDFS}label", language: str = "fr") -> str:
    tag = f"@{language}" if language else ""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'<{EX}{thing}> <{prop}> "{escaped}"{tag} .\n'


def linked(thing: str, prop: str, other: str) -> str:
    return f"<{EX}{thing}> <{prop}> <{other}> .\n"


def everything(folder: Path) -> dict[str, Thing]:
    """All that an index has, from both of its files."""
    found: dict[str, Thing] = {}
    gone: set[int] = set()
    changes = folder / files.FOLDER / files.CHANGES
    if changes.exists():
        with files.reading(changes) as file:
            gone = {number for (number,) in file.execute("SELECT thing FROM replaced")}
            found |= {thing.iri: thing for _, thing in _things(file)}
    with files.reading(folder / files.FOLDER / files.NAMES) as file:
        for number, thing in _things(file):
            if number not in gone:
                assert thing.iri not in found
                found[thing.iri] = thing
    return found


def _things(file: sqlite3.Connection) -> Iterator[tuple[int, Thing]]:
    for (iri,) in file.execute("SELECT iri FROM thing").fetchall():
        read = files.read(file, iri)
        assert read is not None
        yield read


def anew(store: Store, folder: Path) -> Path:
    """The index of the same store, written whole."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    files.write(store, folder)
    return folder
