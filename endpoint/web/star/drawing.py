"""A thing among its relations, drawn as a star: the verbs on the branches, the names at their ends.

Everything is measured here, so that the drawing needs no script: what is a relation of the thing
stands to its right as far as there is room, what relates to it to its left, and every text has a
place of its own. Sizes are in the units of the drawing, one of which is a pixel at full width.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from endpoint.names import Value
from endpoint.web.star import text
from endpoint.web.star.text import lines

MOST = 24
# Of one verb, at most as many ends on one side: more are drawn as two branches.
LONGEST_BRANCH = 8
# Across, from the centre outwards: its box, the way to the verb, the verb, the way to the name.
CENTRE, VERB, VERB_WIDTH, END, NAME, NAME_WIDTH = 76, 112, 122, 262, 276, 174
# How far the outermost branches bend towards the centre.
BEND = 34
LINE, VERB_LINE, CENTRE_LINE = 18, 16, 20
BETWEEN_NAMES, BETWEEN_BRANCHES, MARGIN = 12, 14, 12

Direction = Literal["from", "to"]


@dataclass(frozen=True)
class Spoke:
    """One relation: ``from`` the centre (centre, verb, other) or ``to`` it (other, verb, centre).

    ``status`` is the last part of the status's IRI; ``component`` the number of the other's own.
    """

    verb: str
    direction: Direction
    other: Value
    status: str = "observed"
    component: int | None = None


@dataclass(frozen=True)
class End:
    """Where a branch ends: a dot at (x, y), the name's lines from (text_x, text_y) downwards."""

    spoke: Spoke
    x: float
    y: float
    text_x: float
    text_y: float
    lines: Sequence[str]
    path: str


@dataclass(frozen=True)
class Branch:
    """The relations of one verb on one side; ``side`` is 1 to the right, -1 to the left."""

    verb: str
    direction: Direction
    side: int
    x: float
    y: float
    lines: Sequence[str]
    path: str
    arrow: str
    ends: Sequence[End]

    @property
    def solid(self) -> bool:
        """Whether any of its relations is observed: else the way to the verb is drawn as theirs."""
        return any(end.spoke.status == "observed" for end in self.ends)


@dataclass(frozen=True)
class Star:
    """The drawing: its frame, the centre's lines of text, the branches, how many were left out."""

    centre: Value
    left: float
    width: float
    height: float
    lines: Sequence[str]
    branches: Sequence[Branch]
    more: int

    @property
    def middle(self) -> float:
        return self.height / 2

    @property
    def box(self) -> float:
        """Height of the centre's box."""
        return len(self.lines) * CENTRE_LINE + 20


@dataclass(frozen=True)
class _Group:
    """The spokes of one verb and direction with the lines of each name, before it has a place."""

    spokes: tuple[Spoke, ...]
    names: tuple[tuple[str, ...], ...]
    verb: tuple[str, ...]

    @property
    def heights(self) -> list[float]:
        return [len(name) * LINE + BETWEEN_NAMES for name in self.names]

    @property
    def height(self) -> float:
        return max(sum(self.heights), len(self.verb) * VERB_LINE + 12) + BETWEEN_BRANCHES


def star(centre: Value, spokes: Sequence[Spoke], *, every: int = 0) -> Star:
    """The drawing of the first 24 spokes; those of one verb and direction stand together.

    ``every``: how many there are, where ``spokes`` are some of them.
    """
    shown = spokes[:MOST]
    left, right = _sides(_grouped(shown))
    words = lines(centre.text, 2 * CENTRE - 20, 16, text.BOLD, most=4)
    height = max(
        sum(group.height for group in left),
        sum(group.height for group in right),
        len(words) * CENTRE_LINE + 20,
    )
    height += 2 * MARGIN
    branches = [*_placed(left, -1, height), *_placed(right, 1, height)]
    reach = NAME + NAME_WIDTH
    start = -reach if left else -CENTRE - MARGIN
    stop = reach if right else CENTRE + MARGIN
    more = max(every, len(spokes)) - len(shown)
    return Star(centre, start, stop - start, height, words, branches, more)


def _grouped(spokes: Iterable[Spoke]) -> list[_Group]:
    """The spokes by verb and direction, in the order in which these come; long ones in two."""
    found: dict[tuple[str, Direction], list[Spoke]] = {}
    for spoke in spokes:
        found.setdefault((spoke.verb, spoke.direction), []).append(spoke)
    groups = []
    for (verb, _), members in found.items():
        pieces = -(-len(members) // LONGEST_BRANCH)
        size = -(-len(members) // pieces)
        for start in range(0, len(members), size):
            piece = tuple(members[start : start + size])
            names = tuple(
                lines(spoke.other.text, NAME_WIDTH - 4, 15, text.SERIF, most=4) for spoke in piece
            )
            groups.append(_Group(piece, names, lines(verb, VERB_WIDTH, 13.5, text.VERB, most=3)))
    return groups


def _sides(groups: Sequence[_Group]) -> tuple[list[_Group], list[_Group]]:
    """Left and right: what points to the centre and what it points to, moved until balanced."""
    left = [group for group in groups if group.spokes[0].direction == "to"]
    right = [group for group in groups if group.spokes[0].direction == "from"]
    while True:
        heavy, light = sorted((left, right), key=_height, reverse=True)
        gain = _height(heavy) - _height(light)
        moved = next((group for group in reversed(heavy) if group.height < gain), None)
        # Two or three relations read best as they are, all on one side.
        if moved is None or _height(heavy) < 3 * (LINE + BETWEEN_NAMES + BETWEEN_BRANCHES):
            return left, right
        heavy.remove(moved)
        light.append(moved)


def _height(groups: Iterable[_Group]) -> float:
    return sum(group.height for group in groups)


def _placed(groups: Sequence[_Group], side: int, height: float) -> Iterable[Branch]:
    """Each group in its place, from the top downwards, around the middle of the height."""
    top = (height - _height(groups)) / 2
    for group in groups:
        yield _branch(group, side, top, height)
        top += group.height


def _branch(group: _Group, side: int, top: float, height: float) -> Branch:
    y = round(top + group.height / 2, 1)
    middle = height / 2
    bend = BEND * min(1, abs(y - middle) / max(middle, 150)) ** 2
    inner, outer = side * (VERB - bend), side * (VERB + VERB_WIDTH - bend)
    direction = group.spokes[0].direction
    tip = outer if direction == "from" else inner
    towards = 7 * (side if direction == "from" else -side)
    return Branch(
        verb=group.spokes[0].verb,
        direction=direction,
        side=side,
        x=round((inner + outer) / 2, 1),
        y=y,
        lines=group.verb,
        path=f"{_curve(0, middle, inner, y)} H {outer:.1f}",
        arrow=f"M {tip + towards:.1f} {y} l {-towards * 1.3:.1f} -4.5 v 9 z",
        ends=list(_ends(group, side, y, outer, bend)),
    )


def _ends(group: _Group, side: int, y: float, hub: float, bend: float) -> Iterable[End]:
    top = y - sum(group.heights) / 2
    x = side * (END - bend)
    for spoke, name, height in zip(group.spokes, group.names, group.heights, strict=True):
        here = round(top + height / 2, 1)
        yield End(
            spoke=spoke,
            x=round(x, 1),
            y=here,
            text_x=round(side * (NAME - bend), 1),
            text_y=round(here - (len(name) - 1) * LINE / 2 + 5, 1),
            lines=name,
            path=_curve(hub, y, x, here),
        )
        top += height


def _curve(x: float, y: float, to_x: float, to_y: float) -> str:
    """From one point to another, leaving and arriving level."""
    half = (x + to_x) / 2
    return f"M {x:.1f} {y:.1f} C {half:.1f} {y:.1f} {half:.1f} {to_y:.1f} {to_x:.1f} {to_y:.1f}"
