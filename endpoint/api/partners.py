"""``/api/partners``: the sites that this atlas asks, how they do, and what they were found to hold.

Nothing here tells where a site is that stands at a private address, or what went wrong in words
that may name such an address: whoever runs this atlas reads that with ``atlas partners``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from flask import Blueprint, Response, url_for

from atlas.errors import UnknownName, shown
from endpoint.site import current_site
from endpoint.wire.representations import represent_json
from federation.federation import Federation
from federation.partner import Partner
from federation.sites.summaries import Summary

blueprint = Blueprint("partners", __name__)
# Of the history, an answer has the last so many checks.
CHECKS = 50

Json = dict[str, Any]


@blueprint.get("/api/partners")
def listing() -> Response:
    """Every partner, by name."""
    federation = current_site().federation
    found = federation.partners.all().values()
    return _answer([described(partner, federation) for partner in found])


@blueprint.get("/api/partners/<name>")
def one(name: str) -> Response:
    """One partner, with what it holds and its last checks."""
    federation = current_site().federation
    partner = federation.partners.all().get(name)
    if partner is None:
        raise UnknownName(f"There is no partner {shown(name)}; /api/partners lists them.")
    summary = federation.partners.summary(name)
    history = federation.partners.history(name)[-CHECKS:]
    return _answer(
        {
            **described(partner, federation),
            "predicates": counts(summary),
            "classes": dict(sorted(summary.classes.items())) if summary else {},
            "history": [check(row) for row in reversed(history)],
        }
    )


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


def _answer(content: object) -> Response:
    """JSON whose tag is of its content: a check or a breaker changes it, and nothing tells us."""
    digest = sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:16]
    return represent_json(lambda: content, version=digest)
