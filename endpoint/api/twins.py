"""Things that a search finds under one name: which list each is of tells them apart."""

from __future__ import annotations

from collections.abc import Iterable

from atlas.errors import AtlasError
from endpoint.view import current_view
from endpoint.wire.addresses import nameable
from store.labels.asked import Hit


def twins(hits: Iterable[Hit]) -> list[str]:
    """The IRIs of those that have the name and the class of another, and lie in nothing."""
    named: dict[tuple[str, tuple[str, ...]], list[str]] = {}
    for hit in hits:
        if hit.label and not hit.within and nameable(hit.iri):
            named.setdefault((hit.label.text, hit.types[:1]), []).append(hit.iri)
    return [iri for several in named.values() if len(several) > 1 for iri in several]


def list_titles(hits: Iterable[Hit], generation: int) -> dict[str, str]:
    """The title of the list that each of the twins is of, by its IRI, in the reader's language.

    None where the engine does not answer: what the search found stands without.
    """
    found = twins(hits)
    if not found:
        return {}
    try:
        rows = current_view(generation).ask("search_lists", things=" ".join(found))
    except AtlasError:
        return {}
    return {row.text("thing"): row.text("title") for row in reversed(rows)}
