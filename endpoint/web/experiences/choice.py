"""The address of a page of experiences: what it asks for, and the addresses it leads to."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from werkzeug.datastructures import MultiDict

from atlas.errors import UsageError
from endpoint.page_addresses import at
from endpoint.refusals import refused
from endpoint.web.experiences.facets import EXPERIENCES, KINDS, Kind
from endpoint.web.experiences.table import NAME, OLDEST, RECENT, SORTS, Choice, small
from queries.parameters import LONGEST

ROUTE = "experiences.page"
INSEE = r"[0-9][0-9AB][0-9]{3}"
# As many as the query of the list can tell apart.
MOST_WORDS = 4
LONGEST_WORDS = 200
ON_A_PAGE = 25
MOST_PAGES = 100_000
# The list's values are parted by this.
PART = "|"


@dataclass(frozen=True)
class Address:
    """What the address says. ``commune``, ``like`` and ``factor`` belong to "like my territory".

    ``commune`` is what the reader wrote there; where that is a code, ``like`` is it too.
    """

    kind: Kind = EXPERIENCES
    choice: Choice = field(default_factory=Choice)
    page: int = 1
    commune: str = ""
    like: str = ""
    factor: str = ""

    @property
    def words(self) -> str:
        return " ".join(self.choice.words)

    def fields(self, **changes: Any) -> dict[str, Any]:
        """The parameters of the address with other values; what is usual is left out."""
        choice = self.choice
        own: dict[str, Any] = {
            "kind": self.kind.key,
            **{key: list(values) for key, values in choice.values.items()},
            "q": self.words,
            "sort": "" if choice.sort == RECENT else choice.sort,
            "like": self.like,
            "factor": self.factor if self.like else "",
            **changes,
        }
        return {key: value for key, value in own.items() if value not in ("", [], None)}

    def to(self, **changes: Any) -> str:
        """The page with other values. A change of what is chosen begins at the first page."""
        return at(ROUTE, **self.fields(**changes))

    def toggled(self, facet: str, value: str) -> str:
        """The page with the value chosen besides, or no longer."""
        chosen = list(self.choice.values.get(facet, ()))
        changed = [one for one in chosen if one != value]
        return self.to(**{facet: changed if value in chosen else [*chosen, value]})

    def only(self, facet: str, value: str) -> str:
        """The page with this value chosen and nothing else: all that have it."""
        return self.to(q="", **{**dict.fromkeys(self.kind.keys), facet: [value]})

    @property
    def bare(self) -> str:
        """The page with nothing chosen but the order and the reader's own territory."""
        return self.to(q="", **dict.fromkeys(self.kind.keys))

    @property
    def kept(self) -> list[tuple[str, str]]:
        """What is chosen, as the fields of a form that changes nothing of it."""
        fields = {key: one for key, one in self.fields().items() if key not in ("like", "factor")}
        several = {key: one if isinstance(one, list) else [one] for key, one in fields.items()}
        return [(key, value) for key, values in several.items() for value in values]

    @property
    def rest(self) -> str:
        """The parameters as they are added to another language's."""
        fields = self.fields(page=self.page if self.page > 1 else "", commune=self.commune)
        return f"&{urlencode(fields, doseq=True)}" if fields else ""

    def asked(self, language: str) -> dict[str, str]:
        """The values that the query of the list takes for the same choice."""
        given = {
            facet.asked: PART.join(self.choice.values[facet.key])
            for facet in self.kind.facets
            if facet.key in self.choice.values
        }
        if self.choice.words:
            given["words"] = self.words
        return {**given, "sort": self.choice.sort, "language": language}


def read_address(arguments: MultiDict[str, str]) -> Address:
    """What the address asks for. Raises UsageError for what no page can be made of."""
    name = arguments.get("kind") or EXPERIENCES.key
    if name not in KINDS:
        raise refused(
            UsageError, "refusal.parameter_or_none", name="kind", value=name, takes="document"
        )
    kind = KINDS[name]
    # Several in one, as the query of the list takes them, are what they are there.
    values = {
        key: tuple(dict.fromkeys(filter(None, PART.join(arguments.getlist(key)).split(PART))))
        for key in kind.keys
    }
    for key, several in values.items():
        if sum(map(len, several)) + len(several) > LONGEST:
            raise refused(UsageError, "refusal.choices_too_long", name=key, most=LONGEST)
    sort = arguments.get("sort") or RECENT
    if sort not in SORTS:
        takes = (RECENT, OLDEST, NAME)
        raise refused(UsageError, "refusal.parameter", name="sort", value=sort, takes=takes)
    choice = Choice(
        {key: several for key, several in values.items() if several},
        _words(arguments.get("q") or ""),
        sort,
    )
    commune, like, factor = (
        arguments.get(key, "").strip() for key in ("commune", "like", "factor")
    )
    # Whoever knows the code of the commune may write it where its name is asked.
    if like:
        commune = ""
    elif re.fullmatch(INSEE, commune.upper()):
        like = commune.upper()
    return Address(kind, choice, _page(arguments.get("page") or "1"), commune, like, factor)


def _words(text: str) -> tuple[str, ...]:
    words = tuple(small(text).split())
    if len(words) > MOST_WORDS or len(text) > LONGEST_WORDS:
        raise refused(UsageError, "refusal.words", words=MOST_WORDS, characters=LONGEST_WORDS)
    return words


def _page(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and 1 <= int(text[:9]) <= MOST_PAGES):
        raise refused(UsageError, "refusal.number_from", name="page", value=text, least=1)
    return int(text[:9])


def part(found: Sequence[Any], page: int) -> Sequence[Any]:
    """What stands on one page. Raises UsageError for a page after the last."""
    last = max(1, -(-len(found) // ON_A_PAGE))
    if page > last:
        raise refused(UsageError, "refusal.last_page", page=page, last=last)
    return found[(page - 1) * ON_A_PAGE : page * ON_A_PAGE]
