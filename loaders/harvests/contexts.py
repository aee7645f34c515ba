"""Puts the contexts that JSON-LD takes from other files into it, so that no parser asks for them.

Only those that the partner itself serves, through the gate.
https://www.w3.org/TR/json-ld11/#interpreting-json-as-json-ld
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

from atlas.errors import MalformedSource, PartnerFailed
from loaders.harvests.fetching import Fetcher
from store.parsing.files import read_bytes

CONTEXT = "@context"
# Contexts take one another in; real ones are two or three deep.
MAXIMUM_DEPTH, MAXIMUM_NUMBER = 10, 20


def complete(path: Path, address: str, fetcher: Fetcher) -> bool:
    """Put the contexts into the file at ``path``, which was had at ``address``; whether any was.

    Raises PartnerFailed for a context that is not the partner's own, or is none.
    """
    content = read_bytes(path)
    if CONTEXT.encode() not in content:
        return False
    try:
        document = json.loads(content)
    except (ValueError, RecursionError):
        return False  # The parser says what is wrong, and where.
    contexts = Contexts(fetcher)
    completed = contexts.put_in(document, address)
    if contexts.texts:
        path.write_text(json.dumps(completed, ensure_ascii=False), encoding="utf-8")
    return bool(contexts.texts)


class Contexts:
    """The contexts fetched for one document, each once."""

    def __init__(self, fetcher: Fetcher) -> None:
        self.fetcher = fetcher
        self.texts: dict[str, Any] = {}

    def put_in(self, value: Any, base: str, depth: int = 0) -> Any:
        """The value with every context in its place. ``base``: where relative addresses start."""
        if isinstance(value, list):
            return [self.put_in(member, base, depth) for member in value]
        if not isinstance(value, dict):
            return value
        return {
            key: self.context(member, base, depth)
            if key == CONTEXT
            else self.put_in(member, base, depth)
            for key, member in value.items()
        }

    def context(self, value: Any, base: str, depth: int) -> Any:
        if isinstance(value, str):
            return self.fetched(urljoin(base, value), depth + 1)
        if isinstance(value, list):
            parts = [self.context(member, base, depth) for member in value]
            # One file may be a list of contexts itself.
            return [one for part in parts for one in (part if isinstance(part, list) else [part])]
        return self.put_in(value, base, depth)

    def fetched(self, address: str, depth: int) -> Any:
        partner = self.fetcher.partner.name
        if not self.fetcher.is_own(address):
            raise PartnerFailed(
                partner,
                f"serves JSON-LD whose context is at {address}, which is not an address of its "
                "entry; it would have to put the context into the file.",
            )
        if depth > MAXIMUM_DEPTH or len(self.texts) >= MAXIMUM_NUMBER:
            raise PartnerFailed(
                partner, f"serves JSON-LD that takes in too many contexts, such as {address}."
            )
        if address not in self.texts:
            self.texts[address] = self._read(address)
        return self.context(self.texts[address], address, depth)

    def _read(self, address: str) -> Any:
        file = self.fetcher.fetch(address).path
        try:
            document = json.loads(read_bytes(file))
            return document[CONTEXT]
        except (ValueError, RecursionError, KeyError, TypeError, MalformedSource) as error:
            raise PartnerFailed(
                self.fetcher.partner.name, f"serves no JSON-LD context at {address}."
            ) from error
        finally:
            file.unlink(missing_ok=True)
