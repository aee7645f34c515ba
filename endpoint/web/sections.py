"""The families of pages, in the order in which the head of each page lists them."""

from __future__ import annotations

from typing import NamedTuple


class Section(NamedTuple):
    """A family: the key of its name in the catalogues, and the route of its first page."""

    key: str
    route: str


SECTIONS = (
    Section("section.map", "map.page"),
    Section("section.matrix", "matrix.page"),
    Section("section.questions", "questions.page"),
    Section("section.territories", "territories.page"),
    Section("section.experiences", "experiences.page"),
    Section("section.queries", "library.page"),
    Section("section.data", "datasets.page"),
)
