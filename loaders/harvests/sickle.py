"""Sickle, an OAI-PMH client, whose requests go through the gate: lists page by page to their end.

https://www.openarchives.org/OAI/openarchivesprotocol.html sections 3.5 (flow control) and 3.6
(errors). Sickle follows the lists; what it would take on trust is judged here, before it sees it:
DOCTYPEs, XML that is cut short (it repairs that), tokens that come again, codes of errors.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from lxml import etree
from sickle import Sickle
from sickle.iterator import OAIResponseIterator
from sickle.oaiexceptions import NoSetHierarchy
from sickle.response import OAIResponse

from atlas.errors import MalformedSource, PartnerFailed, PartnerLimit
from federation.exchange.failures import plain
from federation.exchange.gate import Reply
from federation.exchange.statuses import NUMBER, check_status, media_type
from loaders.harvests.fetching import Fetcher
from store.parsing import safe_xml

NAMESPACE = "http://www.openarchives.org/OAI/2.0/"
NS = f"{{{NAMESPACE}}}"
ACCEPT = "text/xml, application/xml;q=0.9"
WEB_PAGES = ("text/html", "application/xhtml+xml")
# By these a repository asks for patience, with Retry-After (section 3.1.2.2); so often at most.
BUSY, PATIENCE = (503, 429), 5
ERRORS = {
    "badResumptionToken": "no longer takes the resumption token that it gave (badResumptionToken), "
    "so that its list ended midway. Harvest it again.",
    "noRecordsMatch": "has no record to give (noRecordsMatch).",
    "cannotDisseminateFormat": "does not give its records in Dublin Core (oai_dc), as every "
    "OAI-PMH repository must.",
}


def write(fetcher: Fetcher, base: str, wanted: str, path: Path) -> list[str]:
    """Write the repository at ``base`` as one file; what is to be told of it, a sentence each.

    ``wanted``: the one set to take, "" for all. Raises PartnerFailed, PartnerLimit, and nothing is
    whole until it returns.
    """
    repository = Repository(fetcher, base)
    with path.open("wb") as stream:
        stream.write(f'<OAI-PMH xmlns="{NAMESPACE}">\n'.encode())
        for element in repository.elements(wanted):
            stream.write(etree.tostring(element, encoding="UTF-8", with_tail=False) + b"\n")
        stream.write(b"</OAI-PMH>\n")
    return repository.notes


class Answer(OAIResponse):
    """One answer, parsed once and strictly."""

    def __init__(self, xml: Any, params: dict[str, str]) -> None:
        super().__init__(None, params)
        self._xml = xml

    @property
    def xml(self) -> Any:
        return self._xml


class Repository(Sickle):
    """One harvest of one repository. ``notes``: sentences on what is not as it was announced."""

    def __init__(self, fetcher: Fetcher, base: str) -> None:
        super().__init__(base, iterator=OAIResponseIterator)
        self.fetcher, self.partner = fetcher, fetcher.partner
        self.notes: list[str] = []
        self.tokens: set[tuple[str, str]] = set()

    def elements(self, wanted: str) -> Iterator[Any]:
        """What the repository is, its sets and its records."""
        yield from self.harvest(verb="Identify").xml.findall(f"{NS}Identify")
        with suppress(NoSetHierarchy):
            yield from self.listed("ListSets", "set", f"{NS}setSpec")
        only = {"set": wanted} if wanted else {}
        key = f"{NS}header/{NS}identifier"
        yield from self.listed("ListRecords", "record", key, metadataPrefix="oai_dc", **only)

    def listed(self, verb: str, name: str, key: str, **params: str) -> Iterator[Any]:
        """The members of a list, each once, to its end. ``key``: what tells them apart."""
        seen: set[str] = set()
        again, size, token = 0, 0, None
        pages = getattr(self, verb)(**params)
        for page in pages:
            before = len(seen)
            for member in page.xml.findall(f"{NS}{verb}/{NS}{name}"):
                known = member.findtext(key, "").strip()
                if known and known in seen:
                    again += 1
                    continue
                seen.add(known)
                yield member
            token = pages.resumption_token
            if len(seen) == before and token is not None and token.token:
                raise self.failed(f"gives a page with no new {name}, and the token of another one.")
            if token is not None and NUMBER.fullmatch(token.complete_list_size or ""):
                size = int(token.complete_list_size)
            self.fetcher.say(f"{len(seen):,} {name}s so far")
        if again:
            self.notes.append(f"Of each {name} that came twice the first was taken ({again:,}).")
        self._check_size(name, size, len(seen), ended=token is not None)

    def _check_size(self, name: str, size: int, found: int, *, ended: bool) -> None:
        """What is announced may be an estimate; an empty token says that the list is whole."""
        if found < size and not ended:
            raise self.failed(
                f"announces {size:,} {name}s and gives {found:,}, without the empty resumption "
                "token that ends a list: it is cut short."
            )
        if size and size != found:
            self.notes.append(
                f"{size:,} {name}s were announced and {found:,} came; the list was not cut short, "
                "and such numbers may be estimates."
            )

    def harvest(self, **params: str) -> Answer:
        """Sickle's one way out."""
        token = (params["verb"], params.get("resumptionToken", ""))
        if token[1] and token in self.tokens:
            raise self.failed(
                f"gives the resumption token {plain(token[1], 60)!r} again: its list never ends."
            )
        self.tokens.add(token)
        joint = "&" if "?" in self.endpoint else "?"
        url = f"{self.endpoint}{joint}{urlencode(params)}"
        xml = self._parsed(url, self._asked(url))
        self._check(xml, url, params["verb"])
        for element in xml.iter(f"{NS}resumptionToken"):
            element.text = (element.text or "").strip() or None
        return Answer(xml, params)

    def _asked(self, url: str) -> bytes:
        fetcher = self.fetcher
        for _ in range(PATIENCE):
            # Of a page, which is read in memory, no more than of any answer.
            limit = max(min(fetcher.left, self.partner.limits.bytes), 1)
            with fetcher.gate.fetch(
                self.partner, url, headers={"Accept": ACCEPT}, ends=fetcher.ends, limit=limit
            ) as reply:
                wait = _wait(reply)
                if wait is None:
                    check_status(self.partner, reply)
                    return self._received(url, reply)
            if time.monotonic() + wait >= fetcher.ends:
                raise self.failed(
                    f"is busy (status {reply.status}) and asks to wait {wait:,} seconds, which is "
                    "longer than the harvest has left (ATLAS_HARVEST_SECONDS)."
                )
            fetcher.say(f"waiting {wait:,} seconds, as it asks")
            time.sleep(wait)
        raise self.failed(f"is busy (status {reply.status}), and was {PATIENCE} times in a row.")

    def _received(self, url: str, reply: Reply) -> bytes:
        if media_type(reply) in WEB_PAGES:
            raise self.failed(f"serves a web page (HTML) at {url} instead of OAI-PMH.")
        try:
            body = reply.read()
        except PartnerLimit as error:
            if self.fetcher.left >= self.partner.limits.bytes:
                raise
            raise PartnerLimit(
                f"The partner {self.partner.name} gives more than {self.fetcher.limit:,} bytes of "
                "records (ATLAS_HARVEST_BYTES); harvest one set of it, or raise the limit."
            ) from error
        self.fetcher.left -= reply.bytes
        return body

    def _parsed(self, url: str, body: bytes) -> Any:
        parser = etree.XMLParser(
            resolve_entities=False, no_network=True, remove_comments=True, remove_pis=True
        )
        try:
            safe_xml.check(url, body)
            return etree.fromstring(body, parser)
        except MalformedSource as error:
            raise self.failed(f"answers {url} with XML that {error.reason}") from error
        except etree.XMLSyntaxError as error:
            raise self.failed(
                f"answers {url} with XML that is not read ({plain(str(error))})."
            ) from error

    def _check(self, xml: Any, url: str, verb: str) -> None:
        """Raises NoSetHierarchy for a repository without sets, PartnerFailed for other errors."""
        if xml.tag != f"{NS}OAI-PMH":
            root = plain(str(xml.tag), 60)
            raise self.failed(f"answers {url} with XML whose root is {root}, not OAI-PMH 2.0.")
        # Anywhere, as Sickle looks for them: it trips over codes that are none.
        errors = list(xml.iter(f"{NS}error"))
        codes = [error.get("code", "") for error in errors]
        if "noSetHierarchy" in codes and verb == "ListSets":
            raise NoSetHierarchy
        known = next((ERRORS[code] for code in codes if code in ERRORS), "")
        if errors:
            said = plain(" ".join(filter(None, [*codes, errors[0].text])))
            raise self.failed(known or f"answers {url} with an error of OAI-PMH: {said}.")
        if xml.find(f"{NS}{verb}") is None:
            raise self.failed(f"answers {url} with neither what was asked for nor an error.")

    def failed(self, did: str) -> PartnerFailed:
        return PartnerFailed(self.partner.name, did)


def _wait(reply: Reply) -> int | None:
    """The seconds that a busy repository asks to wait; None where it does not ask.

    https://www.rfc-editor.org/rfc/rfc9110#name-retry-after
    """
    said = reply.headers.get("Retry-After", "").strip()
    if reply.status not in BUSY or not said:
        return None
    if NUMBER.fullmatch(said):
        return int(said)
    try:
        when = parsedate_to_datetime(said)
    except ValueError:
        return None
    when = when if when.tzinfo else when.replace(tzinfo=UTC)
    return max(0, math.ceil((when - datetime.now(UTC)).total_seconds()))
