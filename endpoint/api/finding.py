"""What a search finds, for whatever searches: things with their kinds, and in which generation."""

from __future__ import annotations

from typing import Any

from atlas.errors import InstanceError
from endpoint.language import LANGUAGES, choose_language, translate
from endpoint.names import shortened
from endpoint.site import Site
from store import Generation
from store.labels.asked import Found, Hit, Label, Query

Json = dict[str, Any]


def find(site: Site, served: Generation, query: Query) -> tuple[Found, Generation]:
    """What there is, and in which generation: the next one may be published in this moment."""
    languages = (query.language, *LANGUAGES)
    try:
        return site.names.search(served, query, languages), served
    except InstanceError:
        now = site.engine.served
        if now is None or now.number == served.number:
            raise
        return site.names.search(now, query, languages), now


def named(label: Label | None, key: str = "label") -> Json:
    """A text and its language, null where there is none."""
    return {key: label and label.text, "language": (label and label.language) or None}


def typed(hit: Hit, found: Found, language: str) -> Json | None:
    """The class that says most of what a thing is."""
    if not hit.types:
        return None
    name = hit.types[0]
    label = found.labels.get(name) or class_label(name, language)
    return {"iri": name, **named(label)}


def class_label(name: str, language: str) -> Label:
    """What a class is called that the data does not name: in our words, or by its short name."""
    language = choose_language(language.partition("-")[0], None)
    short = shortened(name)
    words = translate(f"class.{short}", language)
    return Label(words, language) if words else Label(short, "")
