"""The reader's language, and the words of the pages in it."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

from flask import has_request_context, request

from endpoint.negotiate import parse_languages

LANGUAGES = ("fr", "en", "es")
FOLDER = Path(__file__).parent / "translations"


def choose_language(asked: str | None, header: str | None) -> str:
    """The language asked by ``?lang=``, else the one the client accepts best, else French."""
    if asked in LANGUAGES:
        return asked
    for tag in parse_languages(header or ""):
        if tag.split("-")[0] in LANGUAGES:
            return tag.split("-")[0]
    return LANGUAGES[0]


def reader_language() -> str:
    """The language of the request being answered."""
    if not has_request_context():
        return LANGUAGES[0]
    return choose_language(request.args.get("lang"), request.headers.get("Accept-Language"))


@cache
def words(language: str) -> dict[str, str]:
    texts: dict[str, str] = json.loads((FOLDER / f"{language}.json").read_text("utf-8"))
    return texts


def translate(key: str, language: str | None = None, **values: object) -> str:
    """The text of ``key`` with its values in place; empty where there is none."""
    text = words(language or reader_language()).get(key, "")
    return text.format(**values) if values else text
