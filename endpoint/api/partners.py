"""``/api/partners``: the sites that this atlas asks, how they do, and what they were found to hold.

Nothing here tells where a site is that stands at a private address, or what went wrong in words
that may name such an address: whoever runs this atlas reads that with ``atlas partners``.
"""

from __future__ import annotations

import json
from hashlib import sha256
from typing import Any

from flask import Blueprint, Response

from atlas.errors import UnknownName
from endpoint.api.partner_facts import CHECKS, check, counts, described
from endpoint.refusals import refused
from endpoint.site import current_site
from endpoint.wire.representations import represent_json

blueprint = Blueprint("partners", __name__)

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
        raise refused(UnknownName, "refusal.partner", name=name)
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


def _answer(content: object) -> Response:
    """JSON whose tag is of its content: a check or a breaker changes it, and nothing tells us."""
    digest = sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:16]
    return represent_json(lambda: content, version=digest)
