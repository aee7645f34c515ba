"""SPARQLWrapper whose requests go through the gate, for those who take a partner's data whole.

https://sparqlwrapper.readthedocs.io/
"""

from __future__ import annotations

import io
import time
from http.client import HTTPMessage
from typing import Any, cast

from SPARQLWrapper import POST, SPARQLWrapper

from federation.exchange.gate import Gate
from federation.exchange.statuses import check_status
from federation.partner import Partner
from store.cancellation import Cancellation


class GatedWrapper(SPARQLWrapper):
    """A wrapper around one partner's endpoint. Its ``query`` raises as ``Gate.fetch`` does, and
    PartnerFailed for a status other than 200.

    ``limit``: bytes of one answer; by default the partner's own. Credentials, agents and headers
    that are set on it are not sent: the gate sends its own.
    """

    def __init__(
        self,
        partner: Partner,
        gate: Gate,
        *,
        ends: float | None = None,
        limit: int | None = None,
        cancelled: Cancellation | None = None,
    ) -> None:
        super().__init__(partner.endpoint)
        self.setMethod(POST)
        self.partner, self.gate, self.cancelled = partner, gate, cancelled
        self.ends, self.limit = ends, partner.limits.bytes if limit is None else limit

    def _query(self) -> tuple[Any, str]:
        """SPARQLWrapper's one way out."""
        request = self._createRequest()
        ends = time.monotonic() + self.partner.limits.seconds
        with self.gate.fetch(
            self.partner,
            request.full_url,
            method=request.get_method(),
            headers=dict(request.header_items()),
            body=cast(bytes | None, request.data),
            ends=ends if self.ends is None else min(ends, self.ends),
            limit=self.limit,
            cancelled=self.cancelled,
        ) as reply:
            check_status(self.partner, reply)
            return Answer(reply.read(), reply.headers, reply.url), self.returnFormat


class Answer(io.BytesIO):
    """A whole answer in the shape that SPARQLWrapper takes: as urllib's."""

    def __init__(self, body: bytes, headers: Any, url: str) -> None:
        super().__init__(body)
        self._url, self._headers = url, HTTPMessage()
        for name, value in headers.items():
            self._headers[name] = value

    def geturl(self) -> str:
        return self._url

    def info(self) -> HTTPMessage:
        return self._headers
