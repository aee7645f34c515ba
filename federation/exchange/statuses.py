"""What a partner's status says: whether it answers, refuses this one request, or fails."""

from __future__ import annotations

import http
import json
import re
from contextlib import suppress

from atlas.errors import PartnerFailed, PartnerLimit, PartnerRefused, SparqlError
from federation.exchange.failures import plain
from federation.exchange.gate import Reply
from federation.partner import Partner

# Statuses by which a site that is well refuses one request. https://www.rfc-editor.org/rfc/rfc9110
REFUSING = frozenset({400, 403, 413, 414, 422})
# What a partner says of an error is told where it is short and plain.
TOLD_BYTES, TOLD_CHARACTERS = 16 * 1024, 300
# Virtuoso answers 200 where its time or its limit of rows ended the answer, and says so here:
# https://docs.openlinksw.com/virtuoso/anytimequeries/
CUT_IN_TIME, CUT_IN_ROWS = "X-SQL-State", "X-SPARQL-MaxRows"
PROBLEM = "application/problem+json"
# Python reads no number of thousands of digits, and raises ValueError.
NUMBER = re.compile(r"[0-9]{1,18}")


def media_type(reply: Reply) -> str:
    """The reply's media type without parameters, "" where it says none."""
    return reply.headers.get("Content-Type", "").partition(";")[0].strip().lower()


def check_status(partner: Partner, reply: Reply) -> None:
    """Raises PartnerFailed for any status that brings no results, or not all of them."""
    if reply.status == http.HTTPStatus.OK:
        if CUT_IN_TIME in reply.headers:
            raise PartnerFailed(partner.name, "ran out of its own time and answers in part.")
        return
    kind = PartnerRefused if reply.status in REFUSING else PartnerFailed
    said = _said(reply)
    raise kind(
        partner.name,
        f"answers with status {_status(reply.status)}" + (f", saying: {said}" if said else "."),
    )


def check_whole(partner: Partner, reply: Reply, rows: int) -> None:
    """Raises PartnerLimit where the partner left out rows beyond a limit of its own."""
    most = reply.headers.get(CUT_IN_ROWS, "")
    if NUMBER.fullmatch(most) and rows >= int(most):
        raise PartnerLimit(
            f"The partner {partner.name} ends every answer at {int(most):,} rows. "
            "Add a more selective pattern."
        )


def _status(status: int) -> str:
    try:
        return f"{status} ({http.HTTPStatus(status).phrase})"
    except ValueError:
        return f"{status}"


def _said(reply: Reply) -> str:
    """What a reply says of its error, where it is plain text or a problem of RFC 9457."""
    kind, length = media_type(reply), reply.headers.get("Content-Length", "")
    short = NUMBER.fullmatch(length) and int(length) <= TOLD_BYTES
    if kind not in (PROBLEM, "text/plain") or not short:
        return ""
    text = ""
    with suppress(SparqlError, ValueError):
        text = reply.read().decode()
        if kind == PROBLEM:
            problem = json.loads(text)
            text = problem.get("detail", "") if isinstance(problem, dict) else ""
    return plain(str(text), TOLD_CHARACTERS)
