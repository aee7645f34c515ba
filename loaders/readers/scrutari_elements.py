"""The parts of ScrutariData elements: texts by language, complements, attributes.

The PHP exporter (see ``scrutari_rows``) repeats an element where another has one with many values.
"""

from __future__ import annotations

from collections.abc import Iterator

from loaders.values import language_tag, one_line
from store.parsing.safe_xml import Element

LANGUAGE = "xml:lang"
AUTHORS = ("sct", "authors")
NUMBER_NAMES = ("num", "number", "complement-number")

Texts = tuple[tuple[str, str | None], ...]  # (text, language tag) pairs


def libs(element: Element) -> Texts:
    """The texts of the ``lib`` children with their languages."""
    found = (
        (one_line(lib.text), language_tag(lib.attributes.get(LANGUAGE, "")))
        for lib in element.named("lib")
    )
    return tuple((text, language) for text, language in found if text)


def texts(element: Element, name: str) -> Texts:
    """The texts of every child of that name: one child with many, or many with one."""
    return tuple(pair for child in element.named(name) for pair in libs(child))


def complement_names(metadata: Element) -> list[dict[str | None, str]]:
    """What each complement is called, by language.

    One element holds the names of one complement, or of all: a language that comes again begins the
    next one.
    """
    names: list[dict[str | None, str]] = []
    for element in metadata.named("complement-metadata"):
        names.append({})
        for text, language in libs(element):
            if language in names[-1]:
                names.append({})
            names[-1][language] = text
    return names


def complement_notes(
    element: Element, names: list[dict[str | None, str]], language: str | None
) -> Iterator[tuple[str, str | None]]:
    """Each complement as "name: text", tagged where name and text are in one language."""
    for order, complement in enumerate(element.named("complement"), 1):
        said = one_line(complement.whole_text())
        numbers = [complement.attributes.get(name, "") for name in NUMBER_NAMES]
        number = next((int(n) for n in numbers if n.isascii() and n.isdigit()), order)
        named = names[number - 1] if 0 < number <= len(names) else {}
        if said and language in named:
            yield f"{named[language]}: {said}", language
        elif said:
            name = next(iter(named.values()), f"complement {number}")
            yield f"{name}: {said}", None


def attributes(element: Element) -> tuple[tuple[str, ...], list[tuple[str, str | None]]]:
    """The authors, and every other attribute as "namespace:key: value"."""
    authors: list[str] = []
    notes: list[tuple[str, str | None]] = []
    for attribute in element.named("attr"):
        name = (attribute.attributes.get("ns", ""), attribute.attributes.get("key", ""))
        values = (one_line(value.text) for value in attribute.named("val"))
        for value in dict.fromkeys(value for value in values if value):
            if name == AUTHORS:
                authors.append(value)
            else:
                notes.append((f"{':'.join(name)}: {value}", None))
    return tuple(dict.fromkeys(authors)), notes
