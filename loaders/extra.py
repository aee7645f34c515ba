"""Files that ``atlas load`` brought in: kept under ``{home}/loaded/``, sources of every build."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from atlas.errors import MalformedSource, UsageError
from atlas.settings import Settings
from loaders.ntriples import whole
from loaders.provenance import checksum
from loaders.sources import IRI, NAME, NO_LICENCE, RESERVED, SOURCES, Source, load_sources
from store.parsing.syntaxes import SYNTAXES

FILE = "extra-sources.toml"
FOLDER = "loaded"
TITLE = {"fr": "Graphe chargé : {}", "en": "Loaded graph: {}", "es": "Grafo cargado: {}"}


def sources_of(settings: Settings, file: Path | None = None) -> list[Source]:
    """The sources of a file (the one shipped, by default) and those that were loaded."""
    sources = load_sources(file or SOURCES, settings)
    extra = settings.home / FILE
    if not extra.exists():
        return sources
    loaded = load_sources(extra, settings)
    names = {source.name for source in sources}
    for source in loaded:
        if source.name in names:
            raise MalformedSource(
                extra, f"{source.name!r} is also a source of the build; give it another name here."
            )
    return [*sources, *loaded]


@contextmanager
def adding(
    files: Sequence[Path],
    settings: Settings,
    *,
    name: str,
    syntax: str = "",
    publish: str = "default",
    licence: str = "",
) -> Iterator[Source]:
    """A source of copies of these files; it is kept once the caller has published it.

    A licence that is given counts as verified: the operator states it.
    Raises UsageError where the graph cannot be called so, or no RDF file is given.
    """
    _check(name, licence, settings)
    entry = {
        "name": name,
        "kind": "rdf_file",
        "title": {language: text.format(name) for language, text in TITLE.items()},
        "version": "",
        "licence": licence or NO_LICENCE,
        "licence_verified": bool(licence),
        "attribution": "",
        "publish": publish,
        "options": {"syntax": syntax} if syntax else {},
    }
    with keeping(entry, list(_expanded(files, syntax)), settings) as source:
        yield source


@contextmanager
def keeping(
    entry: Mapping[str, Any], files: Sequence[Path], settings: Settings
) -> Iterator[Source]:
    """A source of copies of these files; it is kept once the caller has published it.

    ``entry``: as in ``sources.toml``, without a path.
    """
    name = entry["name"]
    # By content: what is loaded again does not overwrite what is served until it has replaced it.
    folder = settings.home / FOLDER / name / checksum(files).removeprefix("sha256:")[:16]
    paths = [f"{FOLDER}/{name}/{folder.name}/{file.name}" for file in files]
    entry = {**entry, "path": paths}
    with _copied(files, folder):
        yield source_of(entry, settings)
    others = [other for other in entries(settings) if other["name"] != name]
    _write([*others, entry], settings.home / FILE)
    for other in folder.parent.iterdir():
        if other != folder:
            shutil.rmtree(other)


def forget(name: str, settings: Settings) -> None:
    """Keep the source of that name no more."""
    others = [other for other in entries(settings) if other["name"] != name]
    if others or (settings.home / FILE).exists():
        _write(others, settings.home / FILE)
    shutil.rmtree(settings.home / FOLDER / name, ignore_errors=True)


def _check(name: str, licence: str, settings: Settings) -> None:
    if name in {source.name for source in load_sources(SOURCES, settings)}:
        raise UsageError(f"{name!r} is a source of the build; give the graph another name.")
    if name in RESERVED:
        raise UsageError(f"{name!r} is a graph of the build's own; give the graph another name.")
    if not re.fullmatch(NAME.pattern, name):
        raise UsageError(f"A graph cannot be called {name!r}; its name is {NAME.name}.")
    if licence and not re.fullmatch(IRI.pattern, licence):
        raise UsageError(f"The licence {licence!r} is not {IRI.name}; give the licence's address.")


@contextmanager
def _copied(files: Sequence[Path], folder: Path) -> Iterator[None]:
    """Copies of the files, removed again where the caller fails."""
    known = folder.exists()
    folder.mkdir(parents=True, exist_ok=True)
    for file in files:
        shutil.copyfile(file, folder / file.name)
    try:
        yield
    except BaseException:
        if not known:
            shutil.rmtree(folder)
        raise


def _expanded(files: Sequence[Path], syntax: str) -> Iterator[Path]:
    """The files, and those in the folders whose names say an RDF syntax."""
    found = []
    for path in files:
        inside = sorted(file for file in path.rglob("*") if file.is_file()) if path.is_dir() else []
        found += [file for file in inside if _is_rdf(file)] or [path]
    for path in found:
        if path.is_dir():
            raise UsageError(f"{path} holds no RDF file.")
        if sum(other.name == path.name for other in found) > 1:
            raise UsageError(f"Two files are named {path.name}; give one of them another name.")
        if not syntax and not _is_rdf(path):
            raise UsageError(f"The name of {path} says no RDF syntax; give it with --format.")
    return iter(found)


def _is_rdf(path: Path) -> bool:
    name = path.name.removesuffix(".gz")
    return name.rpartition(".")[2].lower() in SYNTAXES


def entries(settings: Settings) -> list[dict[str, Any]]:
    """What was loaded, as it was declared."""
    extra = settings.home / FILE
    if not extra.exists():
        return []
    return [dict(source.declared) for source in load_sources(extra, settings)]


def source_of(entry: Mapping[str, Any], settings: Settings) -> Source:
    """The source as the next build will read it: the same entry gives the same key."""
    temporary = settings.home / f"{FILE}.new"
    _write([entry], temporary)
    try:
        (source,) = load_sources(temporary, settings)
    finally:
        temporary.unlink()
    return source


def _write(entries: Sequence[Mapping[str, Any]], path: Path) -> None:
    """As TOML. A JSON string is a TOML string, but for surrogates, which JSON need not write."""
    text = "".join(_table(entry) for entry in entries)
    with whole(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


def _table(entry: Mapping[str, Any]) -> str:
    lines = ["[[source]]"]
    for key, value in entry.items():
        if isinstance(value, dict):
            lines += [
                f"{key}.{name} = {json.dumps(text, ensure_ascii=False)}"
                for name, text in value.items()
            ]
        else:
            lines.append(f"{key} = {json.dumps(value, ensure_ascii=False)}")
    return "\n".join(lines) + "\n\n"
