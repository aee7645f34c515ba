"""A document of the atlas as a fiche of ScrutariData, and what a fiche has no place for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from pyoxigraph import NamedNode

from endpoint.language import LANGUAGES, translate
from endpoint.scrutari.bases import WRITTEN, Said, apart, key_of, texts
from endpoint.scrutari.xml import ATTRIBUTE, Fiche, Note, plain

SEPARATOR = ": "
# What is longer is no name but a sentence.
NAME_LENGTH = 120
DAY = len("2026-11-29")

Texts = Sequence[tuple[str, str | None]]


def fiche(document: str, said: Said, *, given: bool, lost: Counter[str]) -> Fiche | None:
    """The fiche of a document, None where it has no title; ``lost`` counts what it leaves out.

    ``given``: a site gave it, so that nothing is added to what the site said; else a document
    without a page has its own address here.
    """
    titles = texts(said.get("title", ())) or texts(said.get("label", ()))
    if not titles:
        lost["documents without a title"] += 1
        return None
    title, language = chosen(titles, stated_language(said, titles, lost))
    alternative, _ = chosen(texts(said.get("alternative", ())) or [("", None)], language)
    pages = sorted(term.value for term in said.get("page", ()) if isinstance(term, NamedNode))
    dates = [text for text, _ in texts(said.get("date", ()))]
    attributes, notes = apart_from_notes(texts(said.get("note", ())))
    notes += [described(text, tag, language) for text, tag in texts(said.get("description", ()))]
    leave(lost, "titles in other languages or words", titles)
    leave(lost, "subtitles in other languages or words", texts(said.get("alternative", ())))
    leave(lost, "dates beside a first", dates)
    leave(lost, "addresses beside a first", pages)
    return Fiche(
        key_for(document, said),
        title,
        language,
        subtitle=alternative,
        date=dates[0][:DAY] if dates else "",
        page=pages[0] if pages else ("" if given else document),
        authors=tuple(text for text, _ in texts(said.get("creator", ()))),
        attributes=tuple(attributes),
        notes=tuple(notes),
    )


def stated_language(said: Said, titles: Texts, lost: Counter[str]) -> str | None:
    """The language of the fiche: one that the document states, and that a title has if possible."""
    stated = [text for text, _ in texts(said.get("language", ()))]
    leave(lost, "languages beside a first", stated)
    tags = {tag for _, tag in titles}
    return next((language for language in stated if language in tags), next(iter(stated), None))


def chosen(said: Texts, language: str | None) -> tuple[str, str | None]:
    """The text in this language, or without one, or the first; and the language of the fiche."""
    for wanted in (language, None):
        for text, tag in said:
            if tag == wanted:
                return text, language
    text, tag = said[0]
    return text, language or tag


def apart_from_notes(said: Texts) -> tuple[list[tuple[str, str, str]], list[Note]]:
    """Notes that are attributes, and those that are complements, "name: text" as they are read."""
    attributes, notes = [], []
    for text, tag in said:
        match = ATTRIBUTE.fullmatch(plain(text)) if tag is None else None
        if match:
            attributes.append((match[1], match[2], match[3]))
        else:
            notes.append(note(plain(text), tag))
    return attributes, notes


def note(text: str, tag: str | None) -> Note:
    name, separator, rest = text.partition(SEPARATOR)
    if separator and 0 < len(name) <= NAME_LENGTH and rest:
        return Note(name, rest, tag)
    return Note(translate("scrutari.note", tag if tag in LANGUAGES else "en"), text, tag)


def described(text: str, tag: str | None, language: str | None) -> Note:
    """A summary, which the format has no element for."""
    names: dict[str | None, str] = {code: translate("scrutari.summary", code) for code in LANGUAGES}
    if tag == language and tag in names:
        return Note(names[tag], text, tag, names=names)
    return Note(names[tag if tag in names else "en"], text, None)


def key_for(document: str, said: Said) -> str:
    """The identifier of the fiche: the one that its site gave it, else the end of its IRI."""
    for text, _ in texts(said.get("identifier", ())):
        return text
    key = key_of(document)
    return key if WRITTEN.fullmatch(key) else apart(key, document)


def leave(lost: Counter[str], what: str, values: Sequence[object]) -> None:
    if len(values) > 1:
        lost[what] += len(values) - 1


def keyword_labels(said: Said) -> Iterator[tuple[str, str | None]]:
    """The labels of a keyword: in each language the preferred one comes first."""
    preferred = texts(said.get("prefLabel", ())) or texts(said.get("label", ()))
    yield from preferred
    yield from (pair for pair in texts(said.get("altLabel", ())) if pair not in preferred)
