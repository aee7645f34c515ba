"""Says who is asked what, in which order, and what came of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from typing import Any

from federation.plain.answering import Planned
from federation.plain.sources import HERE
from federation.plain.steps import Branches, GroupPlan, Inner, Step, Unit, Walk
from federation.query.patterns import (
    HIDDEN,
    Chain,
    Choice,
    Inverse,
    Link,
    Negated,
    Path,
    PathPattern,
)
from federation.run import Run

Json = dict[str, Any]


@dataclass(frozen=True)
class Line:
    """One step: ``within`` says in which part of the query it is, from the outside in."""

    within: tuple[str, ...]
    patterns: tuple[str, ...]
    sites: dict[str, int]
    filters: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        what = " ".join((*self.patterns, *self.filters))
        sites = ", ".join(f"{name} ~{number:,}" for name, number in self.sites.items())
        return f"{'  ' * len(self.within)}{what}\n{'  ' * len(self.within)}  ← {sites or 'no site'}"


def steps(plan: GroupPlan, within: tuple[str, ...] = ()) -> Iterator[Line]:
    """The steps of a plan in their order."""
    for inner in plan.always:
        yield from steps(inner, (*within, "exists"))
    for step in plan.steps:
        for line in lines(step, within):
            yield replace(line, patterns=tuple(valued(text, plan) for text in line.patterns))
    for later in plan.later:
        yield from steps(later.group, (*within, later.kind))


def valued(text: str, plan: GroupPlan) -> str:
    """A pattern with its constants again, where a variable stands for one."""
    for name, values in plan.fixed.items():
        if name.startswith(HIDDEN):
            text = text.replace(f"?{name} ", f"{' '.join(map(str, values.terms))} ")
    return text


def lines(step: Step, within: tuple[str, ...]) -> Iterator[Line]:
    match step:
        case Unit():
            sites = {chosen.source.name: chosen.estimate for chosen in step.sources}
            filters = tuple(pushed.text for pushed in step.filters)
            yield Line(within, tuple(map(str, step.patterns)), sites, filters)
        case Walk():
            sites = {}
            for chosen in (one for some in step.links.values() for one in some):
                sites[chosen.source.name] = sites.get(chosen.source.name, 0) + chosen.estimate
            yield Line(within, (spelled(step.pattern),), sites)
        case Branches(groups=groups):
            for group in groups:
                yield from steps(group, (*within, "union"))
        case Inner(group=group):
            yield from steps(group, (*within, "select"))
        case GroupPlan():
            yield from steps(step, (*within, "group"))


def spelled(pattern: PathPattern) -> str:
    return f"{pattern.subject} {path_text(pattern.path)} {pattern.object} ."


def path_text(path: Path) -> str:
    match path:
        case Link(predicate=predicate):
            return str(predicate)
        case Inverse(path=inner):
            return f"^{path_text(inner)}"
        case Chain(parts=parts):
            return f"({'/'.join(map(path_text, parts))})"
        case Choice(parts=parts):
            return f"({'|'.join(map(path_text, parts))})"
        case Negated(forward=forward, backward=backward):
            excluded = [*map(str, forward or ()), *(f"^{iri}" for iri in backward or ())]
            return f"!({'|'.join(excluded)})"
    mark = "?" if not path.many else "+" if path.least else "*"
    return f"({path_text(path.path)}){mark}"


def totals(run: Run) -> dict[str, Json]:
    """Requests, rows and bytes of each site."""
    found: dict[str, Json] = {}
    for exchange in run.exchanges:
        site = found.setdefault(exchange.partner, {"requests": 0, "rows": 0, "bytes": 0})
        site["requests"] += 1
        site["rows"] += exchange.rows
        site["bytes"] += exchange.bytes
    return found


def explained(planned: Planned, run: Run) -> Json:
    """The plan and what came of it, as JSON."""
    return {
        "planning_seconds": round(planned.seconds, 6),
        "sites": [source.name for source in planned.sources],
        "steps": [asdict(line) for line in steps(planned.plan)],
        # The words of a failure may hold a private address.
        "exchanges": [{**asdict(done), "failed": bool(done.failed)} for done in run.exchanges],
        "totals": totals(run),
        "left_out": list(run.left_out),
    }


def before(planned: Planned) -> Iterator[str]:
    """The plan for a person, line by line."""
    yield f"Planned in {planned.seconds * 1000:.1f} ms over {len(planned.sources)} sites:"
    last: tuple[str, ...] = ()
    for line in steps(planned.plan):
        if line.within and line.within != last:
            yield f"{'  ' * (len(line.within) - 1)}{line.within[-1].upper()}"
        last = line.within
        yield line.text
    if not planned.elsewhere:
        yield f"All of it is here: {HERE} answers alone."


def after(run: Run) -> Iterator[str]:
    """What came of it, a line for each site."""
    for name, site in totals(run).items():
        yield (
            f"{name}: {site['requests']:,} requests, {site['rows']:,} rows, {site['bytes']:,} bytes"
        )
    for name, why in run.left_out.items():
        yield f"Left out: {name}, which {why}"
