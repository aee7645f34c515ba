"""A reader's own map as a drawing that needs no script: its things on a ring, its relations across.

Each relation has a number, the one it has in the list beside. Sizes are in the units of the
drawing, one of which is a pixel at full width.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import cos, pi, sin

from endpoint.names import Value
from endpoint.web.local.map import Link
from endpoint.web.star.text import SERIF, lines

# The room beside the ring for names, and the least and the greatest radius of the ring.
NAME_WIDTH, GAP, MARGIN = 190, 14, 30
LEAST, PER_THING, MOST = 130, 19, 330
LINE = 18
# How far towards the middle a relation bends: 0 is straight, 1 through the middle.
BEND = 0.55


@dataclass(frozen=True)
class Spot:
    """A thing on the ring, with the lines of its name from (text_x, text_y) downwards."""

    thing: Value
    x: float
    y: float
    text_x: float
    text_y: float
    anchor: str
    lines: Sequence[str]


@dataclass(frozen=True)
class Chord:
    """A relation across the ring, its number at (x, y)."""

    number: int
    status: str
    path: str
    x: float
    y: float


@dataclass(frozen=True)
class Picture:
    """The drawing; (0, 0) is the middle of the ring."""

    width: float
    height: float
    spots: Sequence[Spot]
    chords: Sequence[Chord]


def picture(things: Sequence[Value], links: Sequence[Link]) -> Picture:
    """The drawing of a map: its things in their order, clockwise from the top."""
    radius = max(LEAST, min(MOST, PER_THING * len(things)))
    spots = [_spot(thing, place, len(things), radius) for place, thing in enumerate(things)]
    # A name at the top or the bottom has its lines beyond the ring.
    height = 2 * (radius + MARGIN + 2 * LINE)
    width = 2 * (radius + GAP + NAME_WIDTH)
    chords = [_chord(number, link, spots) for number, link in enumerate(links, 1)]
    return Picture(width, height, spots, chords)


def _spot(thing: Value, place: int, count: int, radius: float) -> Spot:
    angle = 2 * pi * (place + 0.5) / count - pi / 2
    x, y = radius * cos(angle), radius * sin(angle)
    text = lines(thing.text, NAME_WIDTH - 8, 15, SERIF, most=2)
    side = 1 if x >= 0 else -1
    top = y - (len(text) - 1) * LINE / 2 + 5
    return Spot(
        thing,
        round(x, 1),
        round(y, 1),
        round(x + side * GAP, 1),
        round(top, 1),
        "start" if side > 0 else "end",
        text,
    )


def _chord(number: int, link: Link, spots: Sequence[Spot]) -> Chord:
    one, other = spots[link.source], spots[link.target]
    # The other way round bends the other way, so that a pair of relations can be told apart.
    inward = 1 - BEND if link.source <= link.target else 1 - BEND * 1.5
    bend_x, bend_y = inward * (one.x + other.x) / 2, inward * (one.y + other.y) / 2
    path = f"M {one.x} {one.y} Q {bend_x:.1f} {bend_y:.1f} {other.x} {other.y}"
    x = one.x / 4 + bend_x / 2 + other.x / 4
    y = one.y / 4 + bend_y / 2 + other.y / 4
    return Chord(number, link.status, path, round(x, 1), round(y, 1))
