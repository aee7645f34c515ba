"""The table at the end of a build: what each source gave, what the whole took."""

from __future__ import annotations

from collections.abc import Iterator

from rich.table import Table

from loaders.build import Built
from loaders.readings import Planned

COLUMNS = ("source", "rows", "bad rows", "quads", "seconds", "state")
MIB = 2**20


def table(built: Built) -> Table:
    """One line per source, those that are not there included, and the whole below."""
    view = Table(box=None, pad_edge=False)
    for number, column in enumerate(COLUMNS):
        numeric = 0 < number < len(COLUMNS) - 1
        view.add_column(column, justify="right" if numeric else "left", overflow="fold")
    for plan in built.plans:
        view.add_row(*_line(plan, built))
    for source in built.absent:
        reasons = "; ".join(dict.fromkeys(source.absent))
        view.add_row(source.name, "", "", "", "", f"not there: {reasons}")
    return view


def _line(plan: Planned, built: Built) -> Iterator[str]:
    reading = plan.reading
    yield plan.source.name
    if reading is None:
        yield from ("", "", "", "", "not read")
        return
    yield f"{reading.rows:,}"
    yield f"{reading.bad:,}"
    yield f"{reading.quads:,}"
    yield f"{reading.seconds:.1f}"
    read_now = plan.source.name in built.read
    state = "read" if read_now else f"unchanged since {reading.read_at[:10]}"
    if reading.bad:
        state += f"; bad rows: {plan.bad_rows}"
    if reading.lost:
        named = ", ".join(f"{times:,} {what}" for what, times in reading.lost.items())
        state += f"; left out: {named}"
    if plan.source.publish != "default":
        state += f"; {plan.source.publish} graph only"
    yield state


def sentences(built: Built) -> Iterator[str]:
    """What is served, and what it took."""
    record = built.generation.record
    if not built.published:
        yield (
            f"Nothing has changed since generation {built.generation.number}, which stays served "
            f"({built.clock.total:.1f} s); atlas build --force builds it again."
        )
        return
    steps = ", ".join(f"{name} {seconds:.1f} s" for name, seconds in built.clock.steps.items())
    yield f"{steps}."
    findings = record.get("findings", {})
    if findings:
        counts = ", ".join(f"{count:,} {name}" for name, count in findings.items())
        yield f"The shapes find no violation ({counts}; atlas validate shows them)."
    yield (
        f"Generation {built.generation.number} is served: {record['triples']:,} triples in the "
        f"default graph, {len(record['graphs'])} graphs; {built.clock.total:.1f} s, "
        f"at most {built.clock.memory.peak / MIB:,.0f} MiB at one time."
    )
