"""What a reader has put into the fields of a form, and which things of the atlas it means.

A thing is meant by its IRI, which a choice among suggestions gives, or by its name: the one thing
that has exactly this name, else the reader is asked which.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from pyoxigraph import NamedNode
from werkzeug.datastructures import MultiDict

from atlas.errors import UsageError
from endpoint.api.finding import find
from endpoint.names import Names, Value, folded
from endpoint.refusals import refused
from endpoint.view import View
from endpoint.web.propose.kinds import CONCEPTS, TEXTS, THING, Field
from endpoint.web.terms.ground import local, named, words
from endpoint.wire.addresses import nameable
from store.labels.asked import Hit, Label, Query

# Values of one field, and characters of one value: a form has room for what one person says.
MOST, LONGEST = 12, 1_000
OFFERED = 6
# Line ends and other control characters too; a no-break space is the writer's.
BLANKS = re.compile(r"[\x00-\x20\x7f-\x9f]+")

Sent = MultiDict[str, str]
Entries = Mapping[str, "list[Entry]"]


@dataclass(frozen=True)
class Candidate:
    """A thing that the words may mean."""

    iri: str
    label: str
    kind: str


@dataclass(frozen=True)
class Entry:
    """One value: its text as it was typed, or the IRI of a thing with what it is called.

    ``candidates``: the things that the text may mean, where it is not clear which.
    """

    text: str = ""
    iri: str = ""
    language: str = ""
    value: Value | None = None
    kind: str = ""
    candidates: tuple[Candidate, ...] = ()

    @property
    def open(self) -> bool:
        """Whether it names a thing and no thing is meant yet."""
        return bool(self.text) and not self.iri


@dataclass(frozen=True)
class Option:
    """A concept of a list. ``slug``: what an address calls it."""

    iri: str
    slug: str
    label: str
    group: str


def options_of(view: View, fields: Iterable[Field]) -> dict[str, list[Option]]:
    """The concepts that the lists of a form offer, by the class that is asked."""
    classes = sorted({field.asked_class for field in fields if field.control == CONCEPTS})
    if not classes:
        return {}
    rows = view.ask("propose_concepts", classes=" ".join(classes))
    names = named(view, (row.text(key) for row in rows for key in ("concept", "group")))
    found: dict[str, list[tuple[str, Option]]] = {}
    for row in rows:
        iri, group = row.text("concept"), row.text("group")
        option = Option(iri, local(iri), names.of(iri), names.of(group) if group else "")
        found.setdefault(row.text("class"), []).append((row.text("notation"), option))
    return {
        iri: [
            option
            for _, option in sorted(
                pairs, key=lambda pair: (folded(pair[1].group), pair[0], folded(pair[1].label))
            )
        ]
        for iri, pairs in found.items()
    }


def entries_of(
    view: View, fields: Sequence[Field], sent: Sent, options: Mapping[str, Sequence[Option]]
) -> dict[str, list[Entry]]:
    """What was sent, by the name of the field. Raises UsageError for what is beyond all measure."""
    found = {
        field.name: list(read(field, sent, options.get(field.asked_class, ()))) for field in fields
    }
    for name, entries in found.items():
        if len(entries) > MOST:
            raise refused(
                UsageError, "refusal.proposal_values", name=name, count=len(entries), most=MOST
            )
    return meant(view, fields, found)


def read(field: Field, sent: Sent, options: Sequence[Option]) -> Iterator[Entry]:
    """The entries as they were sent."""
    if field.control == TEXTS:
        for language in field.languages:
            if text := clean(sent.get(f"{field.name}.{language}", ""), field):
                yield Entry(text, language=language)
    elif field.control == CONCEPTS:
        by_name = {name: option for option in options for name in (option.slug, option.iri)}
        for text in dict.fromkeys(sent.getlist(field.name)):
            if option := by_name.get(text):
                yield Entry(option.label, option.iri)
    elif field.control == THING:
        yield from things(field, sent)
    else:
        for text in sent.getlist(field.name):
            if text := clean(text, field):
                yield Entry(text)


def things(field: Field, sent: Sent) -> Iterator[Entry]:
    """IRIs beside the names they were chosen by; a link gives IRIs alone."""
    iris, texts = sent.getlist(field.name), sent.getlist(f"{field.name}.name")
    for place in range(max(len(iris), len(texts))):
        iri = iris[place].strip() if place < len(iris) else ""
        text = clean(texts[place], field) if place < len(texts) else None
        if text is not None and is_iri(text):
            iri, text = text, None
        if text == "" or not (text or iri):
            continue
        yield Entry(text or "", iri if is_iri(iri) else "")


def clean(text: str, field: Field) -> str:
    """The text in one line, without what no page shows. Raises UsageError where it is too long."""
    if len(text) > LONGEST:
        raise refused(
            UsageError, "refusal.proposal_long", name=field.name, count=len(text), most=LONGEST
        )
    return BLANKS.sub(" ", text).strip()


def is_iri(text: str) -> bool:
    if not nameable(text) or text.split() != [text]:
        return False
    try:
        NamedNode(text)
    except ValueError:
        return False
    return True


def meant(
    view: View, fields: Sequence[Field], found: Mapping[str, list[Entry]]
) -> dict[str, list[Entry]]:
    """The entries with the things that they mean."""
    of_things = {field.name: field for field in fields if field.control == THING}
    chosen = [entry.iri for name in of_things for entry in found[name] if entry.iri]
    names = view.names(chosen)
    return {
        name: [thing(view, of_things[name], entry, names) for entry in entries]
        if name in of_things
        else entries
        for name, entries in found.items()
    }


def thing(view: View, field: Field, entry: Entry, names: Names) -> Entry:
    """The entry with what it means: words that were changed since mean another thing."""
    called = names.known.get(entry.iri, {})
    if entry.iri and (not entry.text or entry.text in called.values() or not called):
        value = names.value(entry.iri)
        return replace(entry, text=value.text, value=value)
    candidates = searched(view, field, entry.text)
    exact = [one for one in candidates if folded(one.label) == folded(entry.text)]
    if len(exact) == 1:
        known = view.names([exact[0].iri])
        return Entry(entry.text, exact[0].iri, value=known.value(exact[0].iri), kind=exact[0].kind)
    return Entry(entry.text, candidates=tuple(candidates[:OFFERED]))


def searched(view: View, field: Field, text: str) -> list[Candidate]:
    """Things whose names have the words, of the class that is asked; or else come near."""
    served = view.site.engine.served
    if served is None:
        return []
    query = Query(text[:200], view.language, field.asked_class or None, OFFERED * 2)
    found, _ = find(view.site, served, query)
    return [
        Candidate(
            hit.iri, label.text if label else hit.iri, kind_of(hit, found.labels, view.language)
        )
        for hit in found.hits or found.near
        for label in (hit.label or hit.match,)
    ]


def kind_of(hit: Hit, labels: Mapping[str, Label], language: str) -> str:
    """What sort of thing it is, "" where that has no name."""
    iri = hit.types[0] if hit.types else ""
    return labels[iri].text if iri in labels else words(language).get(iri, {}).get(language, "")
