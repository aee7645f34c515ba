"""The named queries: one ``.rq`` file each, read once, bound to values on demand.

A parameter ``insee`` is written ``?_insee`` in the text (grlc's convention) and binding replaces
every such variable by the term, outside strings, IRIs and comments. pyoxigraph's ``substitutions``
are not used: they refuse a variable that the SELECT does not project, and never reach into a
sub-select, a FILTER or a GRAPH name. A parameter that is neither required, given nor defaulted
stays a variable, so the query must make sense with it free: ``BIND(?_x AS ?x)`` to project it,
``COALESCE(?_x, "")`` to test it, and never ``BOUND(?_x)`` or ``SELECT ?_x``.

Instances and graphs are written under the default base (``<https://w3id.org/atlas-relationnel/id/``
and ``…/graph/``); ``library(base)`` rewrites both in texts and defaults. Terms of the ontology and
vocabularies never move.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path

from pyoxigraph import BlankNode, Literal, NamedNode

from atlas.errors import MalformedSource, UnknownName, UsageError, Wording, shown
from atlas.settings import DEFAULT_BASE
from queries.header import Value, read_header
from queries.parameters import TYPES, Parameter

HERE = Path(__file__).parent
# The competency questions, and what the pages show: each view of a page is a query of these.
FOLDERS = (HERE, HERE / "competency", HERE / "pages")
LANGUAGES = ("fr", "en", "es")

KEYS = {"title", "description", "question", "parameters", "tags", "sources", "ceiling"}
OPTIONAL = {"question", "parameters", "ceiling"}
PARAMETER_KEYS = {"name", "type", "label", "default", "required", "scheme", "example"}

# Strings, IRIs and comments come first so that a variable inside one is never taken for one.
TOKEN = re.compile(
    r'"""(?:[^"\\]|\\.|"(?!""))*"""'
    r"|'''(?:[^'\\]|\\.|'(?!''))*'''"
    r'|"(?:[^"\\\n]|\\.)*"'
    r"|'(?:[^'\\\n]|\\.)*'"
    r'|<[^<>"{}|^`\\\s]*>'
    r"|#[^\n]*"
    r"|[?$]_(?P<parameter>\w+)",
    re.DOTALL,
)
FORM = re.compile(r"\b(SELECT|CONSTRUCT|ASK|DESCRIBE)\b", re.IGNORECASE)


@dataclass(frozen=True)
class BoundQuery:
    """What an engine runs. The values are in the text; ``substitutions`` stays empty."""

    text: str
    substitutions: Mapping[str, NamedNode | Literal | BlankNode] = field(default_factory=dict)


@dataclass(frozen=True)
class NamedQuery:
    """A question, its words in three languages, and its SPARQL text.

    ``sources`` are the names of the sources without which the answer is empty or partial.
    ``ceiling`` is how many solutions it gives at most where it should give all there are: so many
    mean that there may be more.
    """

    name: str
    title: Mapping[str, str]
    description: Mapping[str, str]
    question: int | None
    parameters: tuple[Parameter, ...]
    tags: tuple[str, ...]
    sources: tuple[str, ...]
    text: str
    base: str = DEFAULT_BASE
    ceiling: int | None = None

    @property
    def example(self) -> dict[str, str]:
        """Values that find something, for the parameters that need one or are given one."""
        return {one.name: one.example for one in self.parameters if one.required or one.given}

    @cached_property
    def form(self) -> str:
        """SELECT, CONSTRUCT, ASK or DESCRIBE."""
        bare = TOKEN.sub(" ", self.text)
        match = FORM.search(bare)
        return match[1].upper() if match else "SELECT"

    def bind(self, values: Mapping[str, str] | None = None) -> BoundQuery:
        """The query with its parameters given, defaulted or left free.

        Raises UsageError for a parameter that is unknown, missing or of the wrong type.
        """
        given = {name: value for name, value in (values or {}).items() if value.strip()}
        self._refuse_unknown(values or {})
        terms = {}
        for parameter in self.parameters:
            text = given.get(parameter.name, parameter.default)
            if text is not None:
                terms[parameter.name] = parameter.written(text, self.base)
            elif parameter.required:
                kind = TYPES[parameter.type]
                raise UsageError(
                    f"The query {self.name} needs the parameter {parameter.name}: "
                    f"{kind.says}, such as {parameter.example}."
                ).worded(
                    "refusal.query_needs",
                    query=self.name,
                    name=parameter.name,
                    takes=parameter.takes,
                    example=parameter.example,
                )
        return BoundQuery(TOKEN.sub(lambda match: _replaced(match, terms), self.text))

    def _refuse_unknown(self, values: Mapping[str, str]) -> None:
        known = [parameter.name for parameter in self.parameters]
        for name in values:
            if name not in known:
                takes = ", ".join(known) or "none"
                raise UsageError(
                    f"The query {self.name} has no parameter {shown(name)}; "
                    f"its parameters: {takes}."
                ).worded(
                    "refusal.query_parameter",
                    query=self.name,
                    name=name,
                    known=", ".join(known) or Wording("refusal.none", {}),
                )


class Library(dict[str, NamedQuery]):
    """The queries by name; asking for one that is not there says which there are."""

    def __missing__(self, name: str) -> NamedQuery:
        raise UnknownName(f"There is no query {name!r}; atlas query --list shows them.")


def library(base: str = DEFAULT_BASE) -> Library:
    """All named queries, sorted by name, for an atlas whose instances are under ``base``.

    Raises MalformedSource for a query file whose header is not complete.
    """
    return _library(base.rstrip("/"))


@cache
def _library(base: str) -> Library:
    paths = sorted(
        (path for folder in FOLDERS for path in folder.glob("*.rq")), key=lambda path: path.stem
    )
    return Library((path.stem, read_query(path, base)) for path in paths)


def read_query(path: Path, base: str = DEFAULT_BASE) -> NamedQuery:
    """The query in the file ``path``.

    Raises MalformedSource where the header is incomplete or says something unknown.
    """
    text = path.read_text(encoding="utf-8")
    header = read_header(path, text)
    _refuse(path, header.keys() - KEYS, "unknown key")
    _refuse(path, KEYS - OPTIONAL - header.keys(), "missing key")
    parameters = tuple(_parameter(path, entry, base) for entry in _list(path, header, "parameters"))
    _refuse_mismatch(path, parameters, text)
    return NamedQuery(
        name=path.stem,
        title=_languages(path, header["title"], "title"),
        description=_languages(path, header["description"], "description"),
        question=_question(path, header.get("question")),
        parameters=parameters,
        tags=tuple(map(str, _list(path, header, "tags"))),
        sources=tuple(map(str, _list(path, header, "sources"))),
        text=_rebased(_body(text), base),
        base=base,
        ceiling=_ceiling(path, header.get("ceiling"), _body(text)),
    )


def _body(text: str) -> str:
    return "\n".join(row for row in text.splitlines() if not row.startswith("#")).strip() + "\n"


def _parameter(path: Path, entry: Value, base: str) -> Parameter:
    if not isinstance(entry, dict):
        raise MalformedSource(path, "a parameter is a map with name, type and label")
    _refuse(path, entry.keys() - PARAMETER_KEYS, "unknown key of a parameter")
    _refuse(path, {"name", "type", "label"} - entry.keys(), "missing key of a parameter")
    kind, default = str(entry["type"]), entry.get("default")
    if kind not in TYPES:
        raise MalformedSource(path, f"no parameter type {kind!r}; there are {', '.join(TYPES)}")
    if (kind == "concept") != ("scheme" in entry):
        raise MalformedSource(path, "a concept parameter, and no other, names its scheme")
    if entry.get("required", "false") not in ("true", "false"):
        raise MalformedSource(path, "'required' is true or false")
    return Parameter(
        name=str(entry["name"]),
        type=kind,
        label=_languages(path, entry["label"], f"label of {entry['name']}"),
        default=None if default is None else _rebased(str(default), base),
        required=entry.get("required") == "true",
        scheme=str(entry["scheme"]) if "scheme" in entry else None,
        given=_rebased(str(entry.get("example", "")), base),
    )


def _languages(path: Path, value: Value, what: str) -> dict[str, str]:
    if not isinstance(value, dict) or set(value) != set(LANGUAGES):
        raise MalformedSource(path, f"the {what} needs exactly the languages {LANGUAGES}")
    return {language: str(value[language]) for language in LANGUAGES}


def _list(path: Path, header: Mapping[str, Value], key: str) -> list[Value]:
    value = header.get(key, [])
    if not isinstance(value, list):
        raise MalformedSource(path, f"{key!r} is a list")
    return value


def _question(path: Path, value: Value | None) -> int | None:
    if value is None:
        return None
    if not isinstance(value, str) or not value.isdigit():
        raise MalformedSource(path, f"'question' is a number, not {value!r}")
    return int(value)


def _ceiling(path: Path, value: Value | None, body: str) -> int | None:
    if value is None:
        return None
    if not isinstance(value, str) or not value.isdigit() or not body.endswith(f"LIMIT {value}\n"):
        raise MalformedSource(path, f"'ceiling' is the LIMIT that ends the query, not {value!r}")
    return int(value)


def _refuse(path: Path, keys: set[str], fault: str) -> None:
    if keys:
        raise MalformedSource(path, f"{fault} in the header: {sorted(keys)[0]!r}")


def _refuse_mismatch(path: Path, parameters: tuple[Parameter, ...], text: str) -> None:
    used = {match["parameter"] for match in TOKEN.finditer(_body(text))} - {None}
    declared = {parameter.name for parameter in parameters}
    _refuse(path, declared - used, "parameter not used in the text")
    _refuse(path, used - declared, "variable ?_… not declared as a parameter")


def _rebased(text: str, base: str) -> str:
    for part in ("id", "graph"):
        text = text.replace(f"{DEFAULT_BASE}/{part}/", f"{base}/{part}/")
    return text


def _replaced(match: re.Match[str], terms: Mapping[str, str]) -> str:
    return terms.get(match["parameter"] or "", match[0])
