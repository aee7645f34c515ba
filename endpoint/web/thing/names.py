"""What to call things that bear no name: by another name, by a code, by what they join."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import unquote

from atlas.namespaces import ATLAS
from endpoint.language import translate
from endpoint.names import Names
from endpoint.publishing.void import WELL_KNOWN
from endpoint.solutions import Solution
from endpoint.view import View, lists
from endpoint.web.thing.said import Text, Told, best
from endpoint.web.thing.words import CODES, OTHER_NAMES
from endpoint.wire.addresses import nameable

CODE = 2
# The language tag of what is in none: by it a code is told from a name.
# https://www.iana.org/assignments/language-subtag-registry
NO_LANGUAGE = "zxx"
# What joins two things is called by them: the key of the words, and the two properties.
JOINED = {
    f"{ATLAS}Membership": ("thing.title.membership", f"{ATLAS}member", f"{ATLAS}grouping"),
    f"{ATLAS}CompetenceHolding": (
        "thing.title.holding",
        f"{ATLAS}holder",
        f"{ATLAS}heldCompetence",
    ),
}


def names_of(view: View, iris: Iterable[str]) -> Names:
    """What things are called, those too that the default graph gives no name."""
    wanted = [iri for iri in dict.fromkeys(iris) if iri]
    names = view.names(wanted)
    things = f"{view.base}/id/"
    nameless = [
        iri for iri in wanted if iri not in names.known and iri.startswith(things) and nameable(iri)
    ]
    # Where the atlas counts the uses of each class and property; its parts bear no names.
    title = {names.language: translate("void.title")}
    counts = {iri: title for iri in wanted if iri.startswith(f"{view.base}{WELL_KNOWN}#")}
    if not nameless:
        return Names(names.known, names.language, names.base, counts)
    found: dict[str, tuple[int, list[Text]]] = {}
    asked = (row for some in lists(nameless) for row in view.ask("thing_names", things=some))
    rows = [row for row in asked if row.text("label").strip()]
    for row in sorted(rows, key=lambda row: (rank_of(row), row.text("label"))):
        rank, texts = found.setdefault(row.text("thing"), (rank_of(row), []))
        if rank_of(row) == rank:
            texts.append(Text(row.text("label"), row.language("label")))
    known = dict(names.known)
    for iri in nameless:
        rank, texts = found.get(iri, (CODE, [Text(unquote(key_of(iri, things)), "")]))
        if rank == CODE:
            known[iri] = {NO_LANGUAGE: coded(iri, texts[0].text)}
        else:
            known[iri] = {text.language: text.text for text in reversed(texts)}
    return Names(known, names.language, names.base, counts)


def of_sort(text: str, iri: str) -> str:
    """A name with the word for what it is a name of: a place is called as who governs it."""
    sort = translate(f"thing.same.{kind_of(iri)}")
    return f"{text} ({sort})" if sort else text


def rank_of(row: Solution) -> int:
    """How good a name is: a name, another name, a code."""
    return CODE if row.text("property") in CODES else int(row.text("property") in OTHER_NAMES)


def key_of(iri: str, things: str) -> str:
    """The last part of the IRI of one of our things: what its kind and its key leave."""
    return iri.removeprefix(things).partition("/")[2] or iri.removeprefix(things)


def kind_of(iri: str) -> str:
    """What sort of thing the IRI itself says it is, such as ``commune``, "" where it says none."""
    return iri.partition("/id/")[2].partition("/")[0]


def coded(iri: str, code: str) -> str:
    """A code with the word for what it is a code of, where we have one."""
    return translate(f"thing.code.{kind_of(iri)}", code=code) or code


def is_code(iri: str, names: Names) -> bool:
    """Whether a thing is called by a code because nothing gives it a name."""
    return NO_LANGUAGE in names.known.get(iri, ())


def heading(told: Told, names: Names) -> Text:
    """The thing's name in the reader's language, or in one there is; else what to call it."""
    if found := best(told.names, names.language):
        return found
    for kind, (key, *properties) in JOINED.items():
        ends = [next((s.iri for s in told.of(iri) if s.iri), "") for iri in properties]
        if kind in told.types and all(ends):
            one, other = (names.of(end) for end in ends)
            return Text(translate(key, one=one, other=other), "")
    return Text(names.of(told.thing), "")
