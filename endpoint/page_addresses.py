"""The addresses of pages, in the reader's language: each page leads to dozens of them."""

from __future__ import annotations

from functools import lru_cache
from typing import Any
from urllib.parse import urlencode

from flask import request, url_for
from werkzeug.datastructures import MultiDict

from endpoint.language import reader_language


def at(endpoint: str, **values: Any) -> str:
    """The address of a page in the reader's language; what is None or "" is left out."""
    given: dict[str, Any] = {k: v for k, v in values.items() if v not in (None, "")}
    if not given:
        return bare(endpoint, reader_language(), request.script_root)
    return url_for(endpoint, **given, lang=reader_language())


@lru_cache(maxsize=1024)
def bare(endpoint: str, language: str, root: str) -> str:
    """The address of a page without parameters: each page leads to a dozen of these."""
    return url_for(endpoint, lang=language)


def besides() -> str:
    """What the address says besides the language, to be said again in another one."""
    kept = [(name, text) for name, text in request.args.items(multi=True) if name != "lang"]
    return f"&{urlencode(kept)}" if kept else ""


def passed(given: MultiDict[str, str]) -> dict[str, Any]:
    """The parameters of an address that may go into another: not those that a router reads."""
    return {
        name: texts
        for name, texts in given.to_dict(flat=False).items()
        if name not in ("lang", "endpoint") and not name.startswith("_")
    }


def here(**values: Any) -> str:
    """This page with other parameters: those given replace, None takes one away."""
    kept = {**passed(request.args), **(request.view_args or {}), **values}
    assert request.endpoint is not None, "only where a page is shown"
    return at(request.endpoint, **kept)
