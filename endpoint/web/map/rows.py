"""The part of the table that a page has: a map may have thousands of relations."""

from __future__ import annotations

from dataclasses import dataclass

from atlas.errors import UsageError
from endpoint.refusals import refused
from endpoint.web.map.show import Line, Shown
from endpoint.web.map.state import State

MOST = 200


@dataclass(frozen=True)
class Rows:
    """The lines of page ``page`` of ``pages``, the first page is 1; ``first`` is the number of the
    first of them among all, from 0."""

    lines: list[Line]
    first: int
    page: int
    pages: int
    size: int = MOST


def rows(state: State, figure: Shown) -> Rows:
    """The part that the address asks for, else the part that has what is selected.

    Raises UsageError for a part that the table does not have.
    """
    pages = max(1, -(-len(figure.lines) // MOST))
    page = state.page or 1 + figure.first(state.selected) // MOST
    if page > pages:
        raise refused(
            UsageError, "refusal.number_between", name="page", value=page, least=1, most=pages
        )
    first = (page - 1) * MOST
    return Rows(figure.lines[first : first + MOST], first, page, pages)
