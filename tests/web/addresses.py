"""The pages that every test of pages opens; a new page is a new row here."""

from __future__ import annotations

from dataclasses import dataclass

LANGUAGES = ("fr", "en", "es")


@dataclass(frozen=True)
class Address:
    """A page: its name in reports and pictures, its path, the most bytes of script it may load."""

    name: str
    path: str
    script: int = 200_000


PAGES = (
    Address("home", "/"),
    Address("local-empty", "/local"),
    Address("search", "/search?q=nancy"),
    Address("queries", "/queries/"),
    Address("ontology", "/ontology"),
    Address("sparql", "/sparql"),
    Address("federation", "/federation/sparql"),
    Address("void", "/.well-known/void"),
    Address("catalog", "/catalog"),
    Address("dumps", "/dumps/"),
    Address("feed", "/feed/"),
    Address("question", "/doc/question/precarity"),
    Address("commune", "/doc/commune/54395"),
)
