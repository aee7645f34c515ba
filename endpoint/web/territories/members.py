"""The communes of the same groupings, and what changed in them between two vintages."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from endpoint.names import folded
from endpoint.solutions import Solution
from endpoint.view import View
from endpoint.web.territories.places import CODE, VINTAGES


@dataclass(frozen=True)
class Member:
    """A commune in a grouping: whether it was a member before, and is after.

    ``successors``: code and name of the communes that followed it.
    """

    code: str
    label: str
    population: int | None
    before: bool
    after: bool
    successors: tuple[tuple[str, str], ...]

    @property
    def name(self) -> str:
        return self.label or self.code


@dataclass(frozen=True)
class Merger:
    """A former member and the commune, still a member, that followed it: code and name."""

    gone: Member
    into: tuple[str, str]


@dataclass
class Grouping:
    """A grouping with its communes of two vintages; ``renumbered`` are those that changed code.

    ``mine``: the commune that was asked for, None where it is in there under another code only.
    """

    iri: str
    label: str
    siren: str
    members: list[Member]
    mine: Member | None
    mergers: list[Merger] = field(default_factory=list)
    renumbered: list[Merger] = field(default_factory=list)
    left: list[Member] = field(default_factory=list)
    joined: list[Member] = field(default_factory=list)

    def of(self, year: str) -> list[Member]:
        """The communes of a vintage."""
        newest = year == VINTAGES[0]
        return [one for one in self.members if (one.after if newest else one.before)]

    @property
    def new(self) -> bool:
        """Whether the older vintage does not have the grouping: nothing can be compared then."""
        return not any(one.before for one in self.members)

    @property
    def gone(self) -> bool:
        return not any(one.after for one in self.members)

    @property
    def left_by_me(self) -> bool:
        """Whether the commune that was asked for is a member no more."""
        return self.mine is not None and self.mine.before and not self.mine.after

    @property
    def joined_by_me(self) -> bool:
        """Whether the commune that was asked for came in, and not by a merger."""
        return self.mine is not None and self.mine in self.joined

    @property
    def same(self) -> bool:
        """Whether both vintages have the same communes in it."""
        changes = (*self.mergers, *self.renumbered, *self.left, *self.joined)
        return not (self.new or self.gone or changes)


@dataclass(frozen=True)
class Move:
    """From which groupings a commune went to which others between the two vintages.

    ``together``: how many communes went from the one to the other, this one among them; 0 where
    there are several of either.
    """

    old: tuple[Grouping, ...]
    new: tuple[Grouping, ...]
    together: int


def moved(every: Sequence[Grouping]) -> Move | None:
    """What became of the commune that was asked for; None where its groupings are the same, or
    where it only left some or only came into some."""
    old = tuple(one for one in every if one.left_by_me)
    new = tuple(one for one in every if one.mine and one.mine.after and not one.mine.before)
    if not old or not new:
        return None
    if len(old) > 1 or len(new) > 1:
        return Move(old, new, 0)
    left = {one.code for one in old[0].members if one.before and not one.after}
    came = {one.code for one in new[0].members if one.after and not one.before}
    return Move(old, new, len(left & came))


def groupings(view: View, code: str) -> list[Grouping]:
    """The groupings of which the commune of a code is or was a member, the largest first."""
    rows = view.ask("here_members", insee=code)
    iris = dict.fromkeys(row.text("grouping") for row in rows)
    every = [grouping(code, [row for row in rows if row.text("grouping") == iri]) for iri in iris]
    return sorted(every, key=lambda one: -len(one.members))


def grouping(code: str, rows: Sequence[Solution]) -> Grouping:
    members = sorted(members_of(rows), key=lambda one: (folded(one.name), one.code))
    mine = next((one for one in members if one.code == code), None)
    first = rows[0]
    made = Grouping(
        first.text("grouping"), first.text("groupingLabel"), first.text("siren"), members, mine
    )
    if not made.new and not made.gone:
        tell_apart(made)
    return made


def members_of(rows: Sequence[Solution]) -> Iterator[Member]:
    """Each commune once; it has a row for each commune that followed it."""
    for code in filter(CODE.fullmatch, dict.fromkeys(row.text("code") for row in rows)):
        same = [row for row in rows if row.text("code") == code]
        first = same[0]
        yield Member(
            code,
            first.text("label"),
            first.number("population") if "population" in first else None,
            first.number("before") > 0,
            first.number("after") > 0,
            tuple(
                (row.text("successorCode"), row.text("successorLabel"))
                for row in same
                if CODE.fullmatch(row.text("successorCode"))
            ),
        )


def tell_apart(made: Grouping) -> None:
    """Mergers of communes on one side, true changes of membership on the other."""
    gone = [one for one in made.members if one.before and not one.after]
    came = [one for one in made.members if one.after and not one.before]
    here = {one.code for one in made.members if one.after}
    for one in gone:
        into = next((after for after in one.successors if after[0] in here), None)
        if into and into[1] == one.label:  # The same name under another code.
            made.renumbered.append(Merger(one, into))
        elif into:
            made.mergers.append(Merger(one, into))
        else:
            made.left.append(one)
    explained = {merger.into[0] for merger in (*made.mergers, *made.renumbered)}
    made.joined.extend(one for one in came if one.code not in explained)
