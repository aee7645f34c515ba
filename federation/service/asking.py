"""Asks partners for the rows of one SERVICE: block by block, several at a time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

from atlas.errors import Forbidden, PartnerFailed, PartnerLimit, SparqlError
from federation.exchange.client import Client
from federation.partner import Partner
from federation.query.blocks import Block
from federation.query.context import MANDATORY
from federation.query.parts import Filter, Group, Query, Service, SubSelect
from federation.query.scoping import together
from federation.query.writing import has_blanks, listed
from federation.rows import Row, Rows
from federation.run import Run

T = TypeVar("T")
Result = TypeVar("Result")
# What SILENT passes over; that the query's own time is over is no error of a site.
SILENCED = (PartnerFailed, PartnerLimit, Forbidden)


@dataclass(frozen=True)
class Request:
    """What is asked of one partner for one SERVICE: ``shown`` variables of the rows of its body.

    ``enough``: so many rows suffice; None: all are wanted.
    """

    query: Query
    service: Service
    partner: Partner
    shown: tuple[str, ...]
    enough: int | None = None

    def text(self, block: Block) -> str:
        """The query that gives the body's rows that fit the block, each as often as the body does.

        Values stand first where the body binds their variables before anything depends on them;
        else last, where they are joined with the body's rows.
        """
        group = self.service.group
        inner = self.query.text[group.start + 1 : group.end - 1]
        if block and isinstance(next(iter(group.elements), None), SubSelect):
            inner = f"{{ {inner} }}"
        first = block.values if block.names <= leading(group) else ""
        last = "" if first else block.values
        shown = listed(self.shown) or "(1 AS ?one)"
        declarations = self.query.declarations(inner)
        limit = "" if self.enough is None else f" LIMIT {self.enough}"
        where = f"{{ {first} {inner} {last} {block.filters} }}"
        return f"{declarations}SELECT {shown} WHERE {where}{limit}"

    def rows(self, client: Client, block: Block, run: Run) -> list[Row]:
        answer = client.select(self.partner, self.text(block), run, bindings=block.bindings)
        if not self.shown:
            return [()] * len(answer)
        return ordered(answer, self.shown)

    def answers(self, client: Client, blocks: Sequence[Block], run: Run) -> Rows:
        """The rows of all blocks.

        Raises the first block's error; with ``partial=1`` the partner is left out instead, with
        what it did not say.
        """
        given_up: list[SparqlError] = []

        def ask(block: Block) -> list[Row] | SparqlError:
            if given_up:
                # Without one block the others are worth nothing.
                return given_up[0]
            found = outcome(lambda: self.rows(client, block, run))
            if isinstance(found, SparqlError):
                given_up.append(found)
            return found

        outcomes = at_once(ask, blocks, workers=self.partner.limits.concurrency)
        if sum(isinstance(found, list) and has_blanks(found) for found in outcomes) > 1:
            # Whether two answers mean the same node nobody can tell: all is asked for in one.
            return self.answers(client, [Block()], run)
        rows: list[Row] = []
        for found in outcomes:
            if isinstance(found, list):
                rows += found
            elif run.partial and isinstance(found, PartnerFailed) and not self.service.silent:
                run.leave_out(self.partner.name, found.did)
            else:
                try:
                    raise found
                finally:
                    # Or the error would hold this frame, which holds the error.
                    del found, outcomes
        return Rows(self.shown, rows)


def leading(group: Group) -> frozenset[str]:
    """The variables that a group binds for certain before anything in it depends on them."""
    elements = []
    for element in group.elements:
        if not isinstance(element, (*MANDATORY, Filter)):
            break
        elements.append(element)
    return together(elements, {})


def ordered(rows: Rows, names: tuple[str, ...]) -> list[Row]:
    """The rows with these columns; a variable that an answer does not name is not bound in it."""
    if rows.variables == names:
        return rows.rows
    places = [rows.variables.index(name) if name in rows.variables else None for name in names]
    return [tuple(None if at is None else row[at] for at in places) for row in rows.rows]


def outcome(work: Callable[[], Result]) -> Result | SparqlError:
    """What the work gives, or its error, without the frames in which it was raised.

    These hold results that the engine lets no other thread destroy.
    """
    try:
        return work()
    except SparqlError as error:
        cause: BaseException | None = error
        while cause is not None:
            cause.__traceback__ = None
            cause = cause.__cause__ or cause.__context__
        return error


def at_once(work: Callable[[T], Result], items: Sequence[T], *, workers: int) -> list[Result]:
    """The work on each item, so many at a time, in their order."""
    if len(items) <= 1 or workers <= 1:
        return [work(item) for item in items]
    with ThreadPoolExecutor(min(workers, len(items))) as pool:
        return list(pool.map(work, items))
