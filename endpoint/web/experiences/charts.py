"""Experiences by year as columns: where each stands and how high it is."""

from __future__ import annotations

from dataclasses import dataclass

from endpoint.web.experiences.facets import Shown

# In units of the picture, which is as wide as its place on the page.
STEP, COLUMN, HIGH, FOOT = 24, 16, 96, 18
# A picture of more years than these would be too fine to read; the table has them all.
MOST_YEARS = 40


@dataclass(frozen=True)
class Column:
    year: str
    count: int
    x: int
    height: float
    chosen: bool

    @property
    def y(self) -> float:
        return round(HIGH - self.height, 1)

    @property
    def middle(self) -> int:
        return self.x + COLUMN // 2


@dataclass(frozen=True)
class Columns:
    columns: list[Column]
    most: int

    @property
    def width(self) -> int:
        return STEP * len(self.columns)


def columns(years: Shown) -> Columns:
    """A column for every year from the first to the last; one without experiences stays empty."""
    counted = {one.value: one for one in years.said if one.value.isdecimal()}
    if not counted:
        return Columns([], 0)
    last = int(max(counted))
    first = max(int(min(counted)), last - MOST_YEARS + 1)
    most = max(one.count for one in counted.values()) or 1
    found = []
    for nth, year in enumerate(f"{number:04}" for number in range(first, last + 1)):
        one = counted.get(year)
        count = one.count if one else 0
        found.append(
            Column(
                year,
                count,
                nth * STEP + (STEP - COLUMN) // 2,
                round(HIGH * count / most, 1),
                bool(one and one.chosen),
            )
        )
    return Columns(found, most)
