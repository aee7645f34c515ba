"""A query with SERVICE as one that the engine reads without asking anybody."""

from __future__ import annotations

import re
from dataclasses import replace

from federation.query.parts import Query, Service, everything
from store.answers import Operation
from store.writing.writes import NO_GRAPH

SILENT = re.compile(r"(?:\s|#[^\n\r]*)*(SILENT)", re.IGNORECASE)
KEYWORD, INSTEAD = "SERVICE", "GRAPH  "


def judged(query: Query, operation: Operation) -> Operation:
    """The operation over no data, each SERVICE a GRAPH, which is written alike.

    Each character stands where it stood, so the engine's complaints name the right places.
    """
    text = query.text
    for element in everything(query):
        if isinstance(element, Service):
            start = element.start + len(KEYWORD)
            text = text[: element.start] + INSTEAD + text[start:]
            if element.silent and (found := SILENT.match(text, start)):
                text = text[: found.start(1)] + " " * len(found[1]) + text[found.end(1) :]
    return replace(operation, text=text, default_graphs=(NO_GRAPH,), named_graphs=())
