"""The form of a named query: one field for each parameter, and what is wrong with a value."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from werkzeug.datastructures import MultiDict

from atlas.errors import UsageError
from endpoint.language import LANGUAGES, translate
from endpoint.names import Value
from endpoint.page_addresses import at
from endpoint.view import View
from endpoint.web.library.answers import brief
from queries import NamedQuery, Parameter
from queries.parameters import LONGEST, VOCABULARY

# What an address may say besides the parameters of the query: how the page shows the answer.
OF_THE_PAGE = ("lang", "as", "of")


@dataclass(frozen=True)
class Control:
    """How a parameter of a type is asked for. ``search``: the class of things whose name finds it;
    "*" is any thing, "" no search. ``fills``: whether the search fills in the IRI or the code.
    """

    kind: str = "text"
    search: str = ""
    fills: str = "iri"
    numeric: bool = False


CONTROLS = {
    "iri": Control(search="*"),
    "iris": Control("area"),
    "string": Control(),
    "integer": Control(numeric=True),
    "count": Control(numeric=True),
    "insee": Control(search="Territory", fills="code"),
    "siren": Control(search="Actor", fills="code"),
    "year": Control(numeric=True),
    "concept": Control("select"),
    "language": Control("select"),
    "source": Control("select"),
}


@dataclass(frozen=True)
class Option:
    value: str
    text: str


@dataclass
class Field:
    """One field: its value, the sentence that says what is wrong with it, what its value names.

    ``unknown``: the sentence that says that it names nothing, of a value that might.
    """

    parameter: Parameter
    control: Control
    value: str
    fault: str = ""
    options: list[Option] = field(default_factory=list)
    named: list[Value] = field(default_factory=list)
    unknown: str = ""


@dataclass
class Reading:
    """What an address gives: the values to ask with, and the faults by parameter.

    ``values`` may be wrong where there is a fault. ``faults[""]`` is of no parameter.
    """

    values: dict[str, str] = field(default_factory=dict)
    faults: dict[str, str] = field(default_factory=dict)
    missing: bool = False

    @property
    def runs(self) -> bool:
        return not self.faults and not self.missing


def read(query: NamedQuery, given: MultiDict[str, str], view: View) -> Reading:
    """The values of the query's parameters, judged one by one."""
    reading = Reading()
    known = {parameter.name: parameter for parameter in query.parameters}
    for name in given:
        if name not in known and name not in OF_THE_PAGE:
            reading.faults[""] = translate("library.fault.unknown", name=name[:60])
    for name, parameter in known.items():
        texts = [text for text in given.getlist(name) if text.strip()]
        if not texts:
            reading.missing |= parameter.required
            continue
        reading.values[name] = texts[0]
        if fault := fault_of(parameter, texts, view.base):
            reading.faults[name] = fault
    if "language" in known:
        reading.values.setdefault("language", view.language)
    return reading


def fault_of(parameter: Parameter, texts: list[str], base: str) -> str:
    """What is wrong with the texts given for a parameter, in the reader's words; "" is nothing."""
    if len(texts) > 1:
        return translate("library.fault.twice")
    if parameter.type != "iris" and len(texts[0]) > LONGEST:
        return translate("library.fault.long", most=LONGEST)
    try:
        parameter.written(texts[0], base)
    except UsageError:
        return translate(f"library.fault.{parameter.type}")
    return ""


def fields(query: NamedQuery, reading: Reading, view: View) -> list[Field]:
    """The fields of the form, filled in with what is given or what stands in for it."""
    made = []
    for parameter in query.parameters:
        value = reading.values.get(parameter.name, parameter.default or "")
        fault = reading.faults.get(parameter.name, "")
        one = Field(parameter, CONTROLS[parameter.type], value, fault)
        if parameter.type in CHOICES:
            one.value = value.rsplit("/", 1)[-1] if "://" in value else value
            one.options = CHOICES[parameter.type](parameter, view)
            # What is given stays given, though it is none of the choices.
            if one.value not in {option.value for option in one.options}:
                one.options.insert(0, Option(value, value))
                one.value = value
        elif value and not fault and parameter.type in NAMED:
            one.named = NAMED[parameter.type](value, view)
            one.unknown = "" if one.named else translate(f"library.unknown.{parameter.type}")
        made.append(one)
    return made


def concepts(parameter: Parameter, view: View) -> list[Option]:
    scheme = f"{VOCABULARY}/{parameter.scheme}"
    rows = view.ask("library_concepts", scheme=scheme)
    return [Option(slug(row.text("concept")), row.text("label")) for row in rows]


def sources(parameter: Parameter, view: View) -> list[Option]:
    start = f"{view.base}/graph/"
    rows = view.ask("library_graphs")
    ours = [row for row in rows if row.text("graph").startswith(start)]
    return [Option(row.text("graph").removeprefix(start), row.text("title")) for row in ours]


def languages(parameter: Parameter, view: View) -> list[Option]:
    return [Option(code, translate(f"library.language.{code}")) for code in LANGUAGES]


def things(text: str, view: View) -> list[Value]:
    """What the IRI is called; nothing where nobody knows it."""
    names = view.names([text])
    return [names.value(text)] if text in names.known else []


def coded(text: str, view: View) -> list[Value]:
    """What bears the code: a place of today, and perhaps another kind of place."""
    rows = view.ask("library_coded", code="".join(text.split()).upper())
    labels: Mapping[str, str] = {row.text("thing"): row.text("label") for row in rows}
    names = view.names(labels)
    return [
        names.link(iri, label or brief(names.of(iri), view.base), told=bool(label))
        for iri, label in labels.items()
    ]


CHOICES: dict[str, Callable[[Parameter, View], list[Option]]] = {
    "concept": concepts,
    "source": sources,
    "language": languages,
}
NAMED: dict[str, Callable[[str, View], list[Value]]] = {
    "iri": things,
    "insee": coded,
    "siren": coded,
}


def slug(iri: str) -> str:
    return iri.rsplit("/", 1)[-1]


@dataclass(frozen=True)
class Source:
    """A source that a query needs: its title, and whether this atlas has it."""

    title: str
    here: bool
    href: str


def needed(query: NamedQuery, view: View) -> list[Source]:
    """The sources without which the answer is empty or partial."""
    graphs = view.site.catalogue(view.generation).graphs

    def source(name: str) -> Source:
        iri = f"{view.base}/graph/{name}"
        here = iri in graphs
        title = graphs[iri].title(view.language) if here else name
        return Source(title, here, at("datasets.page"))

    return [source(name) for name in query.sources]


def lacking(sources: Iterable[Source]) -> list[str]:
    """The titles of those that are not in this atlas."""
    return [source.title for source in sources if not source.here]
