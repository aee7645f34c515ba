"""What a thing is linked to, as a reader sees it: in groups of one verb each, the verb in words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from endpoint.names import Names, Value, folded
from endpoint.web.star.drawing import Direction, Spoke
from endpoint.web.thing.names import is_code
from endpoint.web.thing.said import SHOWN
from endpoint.web.thing.words import back_words, out_words

# So many are read at once; the others open below.
FIRST = 8
# So many branches and so many ends of one the drawing starts with, before any has more.
STAR = 24


@dataclass(frozen=True)
class Evidence:
    """Where a statement is found: a document, and where in it."""

    document: Value
    passage: str = ""


@dataclass
class Item:
    """One thing at the other end of a link.

    ``letters`` name the sources; ``iri`` is the thing's own; ``note`` is what else is known, such
    as years; ``relation`` leads to the page of the relation that says it.
    """

    value: Value
    letters: str = ""
    iri: str = ""
    status: str = "observed"
    note: str = ""
    relation: str | None = None
    evidence: list[Evidence] = field(default_factory=list)
    component: int | None = None


@dataclass(frozen=True)
class Group:
    """The links of one verb in one direction; ``iri`` is the property or the type of relation.

    ``verb`` reads from the thing to the others if ``whole``, else from the others to the thing;
    ``spoken`` is the verb as it goes from subject to object; ``count`` is how many there are;
    ``every`` leads to all of them where they are more than shown here.
    """

    iri: str
    verb: Value
    spoken: str
    direction: Direction
    whole: bool
    items: Sequence[Item]
    count: int
    every: str | None = None

    @property
    def first(self) -> Sequence[Item]:
        """Those read at once; one that would stand alone under the fold is among them."""
        return self.items if len(self.items) <= FIRST + 1 else self.items[:FIRST]

    @property
    def folded(self) -> Sequence[Item]:
        return self.items[len(self.first) :]


def group(
    names: Names,
    iri: str,
    direction: Direction,
    items: Iterable[Item],
    *,
    count: int | None = None,
    every: str | None = None,
    key: str | None = None,
) -> Group:
    """The links by a property or a relation type, in the order of the names at their other ends.

    ``key``: the IRI by which the tables of words know the verb, where that is another.
    """
    found = sorted(items, key=lambda item: in_order(item, names))
    spoken = out_words(key or iri, names.of(iri))
    words = spoken if direction == "from" else back_words(key or iri)
    return Group(
        iri=iri,
        verb=names.link(iri, words or spoken),
        spoken=spoken,
        direction=direction,
        whole=bool(words),
        items=found[:SHOWN],
        count=len(found) if count is None else count,
        every=every if (count or len(found)) > SHOWN else None,
    )


def in_order(item: Item, names: Names) -> tuple[bool, str, str]:
    """By name; what has only a code comes last."""
    return is_code(item.iri, names), folded(item.value.text), item.iri


def spokes(groups: Sequence[Group]) -> list[Spoke]:
    """The links as branches of a drawing, taken in turn from each group until it is full."""
    taken: list[list[Item]] = [[] for _ in groups]
    for row in range(STAR):
        for number, one in enumerate(groups):
            if row < len(one.items) and sum(map(len, taken)) < STAR:
                taken[number].append(one.items[row])
    return [
        Spoke(one.spoken, one.direction, item.value, item.status, item.component)
        for one, items in zip(groups, taken, strict=True)
        for item in items
    ]


def mentioned(groups: Iterable[Group]) -> Iterator[Item]:
    """Every item shown."""
    for one in groups:
        yield from one.items
