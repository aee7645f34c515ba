"""The sources of the build, as ``sources.toml`` declares them.

One table ``[[source]]`` per source becomes one ``Source``. Its inputs are given by ``path`` (one
path, a list, or a pattern with ``*``) or by ``[source.paths]`` (named paths). A path starts with
where it is to be looked for: ``npm:`` a package that npm installed, ``data:`` the folder that
ATLAS_DATA names, ``package:`` this package, nothing: an ordinary path, from the file's own folder.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from atlas.errors import MalformedSource, UnknownName
from atlas.settings import Settings
from loaders.kinds import KINDS
from store.themes import THEMES

PACKAGE = Path(__file__).parent
SOURCES = PACKAGE / "sources.toml"
# SPDX's word for a licence of which nothing is asserted.
NO_LICENCE = "http://spdx.org/rdf/terms#noassertion"
# Graphs that the build writes itself.
RESERVED = ("ontology", "alignments", "inferred", "void")
PUBLISH = ("default", "named", "illustrative")
ON_ERROR = ("skip", "stop")
LANGUAGES = ("fr", "en", "es")


@dataclass(frozen=True)
class Source:
    """One source: where it is, whose it is, how it is published.

    ``paths`` are the inputs by name; ``absent`` says, a sentence each, which of them are not there.
    ``licence`` is an IRI, ``NO_LICENCE`` where nobody stated one; ``attribution`` may be empty.
    ``checksum``, where it is given, is what the inputs must have; ``address`` is the IRI where they
    were had; ``themes`` are codes of ``store.themes``. ``publish``: "default" (in the default graph
    too), "named" (its own graph only) or "illustrative" (its own graph, outside everything unless a
    request names it).
    """

    name: str
    kind: str
    title: Mapping[str, str]
    paths: Mapping[str, Path]
    version: str
    licence: str
    licence_verified: bool
    attribution: str
    base: str
    publish: str = "default"
    required: bool = True
    on_error: str = "stop"
    checksum: str = ""
    address: str = ""
    options: Mapping[str, Any] = field(default_factory=dict)
    absent: tuple[str, ...] = ()
    declared: Mapping[str, Any] = field(default_factory=dict)
    iri: str = ""
    themes: Sequence[str] = ()

    @property
    def graph(self) -> str:
        """The IRI of the source's own graph: after its name, but for one that was written to."""
        return self.iri or f"{self.base}/graph/{self.name}"

    @property
    def files(self) -> tuple[Path, ...]:
        """Every input, in the order in which ``sources.toml`` gives them."""
        return tuple(self.paths.values())

    @property
    def path(self) -> Path:
        """The one input of a source that has one.

        Raises MalformedSource where the source has several.
        """
        if len(self.paths) != 1:
            raise MalformedSource(SOURCES.name, f"source {self.name!r} must have one path.")
        return next(iter(self.paths.values()))

    @property
    def present(self) -> bool:
        return not self.absent


@dataclass(frozen=True)
class Form:
    """What a text must look like, and how to say so."""

    pattern: str
    name: str


# The name is a folder's name and a part of IRIs.
NAME = Form("[a-z0-9]+(-[a-z0-9]+)*", "lower-case words joined by hyphens")
IRI = Form(r"https?://[^\s<>\"{}|\\^`]+", "an http or https IRI")


@dataclass(frozen=True)
class Key:
    """One key of a source's table: its type, its default (None: it must be there), its form."""

    name: str
    type: type
    default: Any = None
    choices: tuple[str, ...] = ()
    form: Form | None = None


KEYS = (
    Key("name", str, form=NAME),
    Key("kind", str, choices=tuple(KINDS)),
    Key("title", dict),
    Key("licence", str, form=IRI),
    Key("licence_verified", bool),
    Key("attribution", str),
    Key("publish", str, "default", PUBLISH),
    Key("required", bool, True),
    Key("on_error", str, "stop", ON_ERROR),
    Key("options", dict, {}),
    Key("checksum", str, ""),
    Key("address", str, "", form=IRI),
    Key("themes", list, [], tuple(THEMES)),
)
# These have rules of their own: "path" or "paths"; npm says the version of its packages.
SPECIAL = ("path", "paths", "version")


def load_sources(path: Path, settings: Settings) -> list[Source]:
    """The sources that a file declares, in its order.

    Raises MalformedSource for TOML that is not TOML, an unknown key or kind, a missing key, a value
    of the wrong type, a name used twice.
    """
    entries = _tables(path)
    sources = [_source(path, number, entry, settings) for number, entry in enumerate(entries, 1)]
    seen: set[str] = set()
    for source in sources:
        if source.name in RESERVED:
            raise MalformedSource(
                path,
                f"{source.name!r} is a graph of the build's own; give the source another name.",
            )
        if source.name in seen:
            raise MalformedSource(
                path, f"two sources are named {source.name!r}; give one of them another name."
            )
        seen.add(source.name)
    return sources


def named(sources: Iterable[Source], names: Iterable[str]) -> list[Source]:
    """The sources with these names, in the order of ``sources``.

    Raises UnknownName for a name that no source has.
    """
    sources, wanted = list(sources), set(names)
    unknown = sorted(wanted - {source.name for source in sources})
    if unknown:
        known = ", ".join(source.name for source in sources)
        raise UnknownName(f"There is no source {unknown[0]!r}. The sources are: {known}.")
    return [source for source in sources if source.name in wanted]


def _tables(path: Path) -> list[dict[str, Any]]:
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise MalformedSource(path, f"is not TOML: {error}. Correct it there.") from error
    except UnicodeDecodeError as error:
        raise MalformedSource(path, "is not UTF-8; save it as UTF-8.") from error
    except OSError as error:
        raise MalformedSource(path, f"cannot be read: {error.strerror}.") from error
    tables = document.pop("source", [])
    if document or not isinstance(tables, list):
        raise MalformedSource(path, "holds tables [[source]] and nothing else.")
    return tables


def _source(path: Path, number: int, entry: dict[str, Any], settings: Settings) -> Source:
    where = f"source {entry.get('name', number)!r}"
    unknown = sorted(entry.keys() - {key.name for key in KEYS} - set(SPECIAL))
    if unknown:
        raise MalformedSource(
            path, f"{where} has a key {unknown[0]!r} that means nothing; remove it or correct it."
        )
    values = {key.name: _value(path, where, key, entry) for key in KEYS}
    missing = [language for language in LANGUAGES if not values["title"].get(language)]
    if missing:
        raise MalformedSource(path, f"{where} has no title.{missing[0]}; add it.")
    paths, absent = _inputs(path, where, entry, settings)
    return Source(
        **values,
        paths=paths,
        absent=tuple(absent),
        version=_version(path, where, entry, settings),
        base=settings.base,
        declared=entry,
    )


def _value(path: Path, where: str, key: Key, entry: Mapping[str, Any]) -> Any:
    if key.name not in entry:
        if key.default is None:
            raise MalformedSource(path, f"{where} has no {key.name!r}; add it.")
        return key.default
    value = entry[key.name]
    if not isinstance(value, key.type):
        raise MalformedSource(
            path, f"{where}: {key.name!r} is {value!r}; it takes a {key.type.__name__}."
        )
    for one in value if isinstance(value, list) else [value]:
        if key.choices and one not in key.choices:
            raise MalformedSource(
                path, f"{where}: {key.name!r} is {one!r}; it takes one of {', '.join(key.choices)}."
            )
    if key.form and not re.fullmatch(key.form.pattern, str(value)):
        raise MalformedSource(
            path, f"{where}: {key.name!r} is {value!r}; it takes {key.form.name}."
        )
    return value


def _inputs(
    path: Path, where: str, entry: Mapping[str, Any], settings: Settings
) -> tuple[dict[str, Path], list[str]]:
    """The inputs by name, and a sentence for each that is not there."""
    if ("path" in entry) == ("paths" in entry):
        raise MalformedSource(path, f"{where} takes one of 'path' and [source.paths]; give one.")
    declared = entry.get("paths", entry.get("path"))
    if isinstance(declared, str):
        declared = [declared]
    if isinstance(declared, list):
        declared = {text: text for text in declared}
    if not isinstance(declared, dict) or not all(isinstance(t, str) for t in declared.values()):
        raise MalformedSource(path, f"{where}: paths are strings.")
    paths: dict[str, Path] = {}
    absent = []
    for name, text in declared.items():
        found, reason = resolve(text, settings, folder=path.parent)
        if reason:
            absent.append(reason)
        elif len(found) == 1:
            paths[name] = found[0]
        else:
            paths |= {file.name: file for file in found}
    return paths, absent


def resolve(text: str, settings: Settings, folder: Path) -> tuple[list[Path], str]:
    """The files or folders that a path of ``sources.toml`` means, or why there are none."""
    scheme, _, rest = text.rpartition(":")
    if scheme == "data" and not settings.data:
        return [], "ATLAS_DATA is not set"
    roots = {
        "npm": settings.node_modules,
        "data": Path(settings.data),
        "package": PACKAGE,
    }
    root = roots.get(scheme, folder)
    target = rest if scheme in roots else text
    advice = "; run: npm ci" if scheme == "npm" else ""
    found = sorted(root.glob(target)) if "*" in target else [root / target]
    found = [file for file in found if file.exists()]
    return found, "" if found else f"{root / target} is not there{advice}"


def _version(path: Path, where: str, entry: Mapping[str, Any], settings: Settings) -> str:
    """What the entry says, else what npm says of the package."""
    if "version" in entry:
        return str(entry["version"])
    declared = entry.get("path") or next(iter(entry["paths"].values()), "")
    if not isinstance(declared, str) or not declared.startswith("npm:"):
        raise MalformedSource(path, f"{where} has no 'version'; add it.")
    parts = declared.removeprefix("npm:").split("/")
    package = Path(*parts[: 2 if parts[0].startswith("@") else 1])
    manifest = settings.node_modules / package / "package.json"
    if not manifest.exists():
        return ""
    return str(json.loads(manifest.read_text(encoding="utf-8")).get("version", ""))
