"""The facts about a partner, as the API and the pages tell them.

Nothing here tells where a site is that stands at a private address, or what went wrong in words
that may name such an address: whoever runs this atlas reads that with ``atlas partners``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import url_for

from federation.federation import Federation
from federation.partner import Partner
from federation.sites.summaries import Summary

# Of the history, an answer has the last so many checks.
CHECKS = 50

Json = dict[str, Any]


def described(partner: Partner, federation: Federation) -> Json:
    """What the entry says, and how the partner does."""
    public = not partner.addresses
    history = federation.partners.history(partner.name)
    return {
        "name": partner.name,
        "url": url_for("partners.one", name=partner.name, _external=True),
        "title": dict(partner.title),
        "endpoint": partner.endpoint if public else "",
        "dump": partner.dump if public else "",
        "homepage": partner.homepage if public else "",
        "names": list(partner.names),
        "licence": partner.licence,
        "vocabularies": list(partner.vocabularies),
        "uses": sorted(partner.uses),
        "sends": partner.sends,
        "limits": {
            "seconds": partner.limits.seconds,
            "bytes": partner.limits.bytes,
            "rows": partner.limits.rows,
            "bindings": partner.limits.block,
        },
        "breaker": federation.client.breakers.state(partner.name),
        "checked": check(history[-1]) if history else None,
        "summary": short(federation.partners.summary(partner.name)),
    }


def check(row: Mapping[str, Any]) -> Json:
    """One check of the history, without the words of a failure."""
    kept = ("at", "latency", "source", "triples", "complete", "changes", "remarks")
    told = {name: row.get(name) for name in kept}
    for notes in ("changes", "remarks"):
        told[notes] = [{"text": note["text"], "bad": note["bad"]} for note in row.get(notes) or ()]
    return {**told, "failed": bool(row.get("failed"))}


def short(summary: Summary | None) -> Json | None:
    """A summary as its numbers."""
    if summary is None:
        return None
    return {
        "taken": summary.taken.isoformat(timespec="seconds"),
        "source": summary.source,
        "complete": summary.complete,
        "triples": summary.triples,
        "predicates": len(summary.predicates),
        "classes": len(summary.classes),
        "licences": list(summary.licences),
        "vocabularies": list(summary.vocabularies),
        "features": list(summary.features),
    }


def counts(summary: Summary | None) -> Mapping[str, int | None]:
    """Triples by predicate, None where they were not counted."""
    found = summary.predicates if summary else {}
    return {iri: found[iri].triples for iri in sorted(found)}
