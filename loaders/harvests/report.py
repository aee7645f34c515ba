"""What a harvest came to, in sentences: one where nothing has changed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from loaders.harvests.changes import Changes, Things
from loaders.harvests.run import Harvested
from loaders.report import sentences as of_build
from loaders.sources import NO_LICENCE

SHOWN = 10
WHICH = ("new", "changed", "gone")
ONE = {"documents": "document", "keywords": "keyword", "other things": "other thing"}


def sentences(harvested: Harvested, *, dry: bool) -> Iterator[str]:
    """The lines of the report. What a partner wrote cannot command the terminal."""
    for line in _lines(harvested, dry=dry):
        yield "".join(letter if letter.isprintable() else "�" for letter in line)


def _lines(harvested: Harvested, *, dry: bool) -> Iterator[str]:
    changes, name = harvested.changes, harvested.partner
    if changes is None:
        yield (
            f"{name}: nothing has changed since {harvested.since[:16]}; generation "
            f"{harvested.generation} stays served."
        )
        return
    yield f"{name}: {_summary(changes)}"
    yield from _lists(changes.things)
    yield from _faults(harvested)
    yield from _licence(harvested)
    yield from harvested.notes[:SHOWN]
    if len(harvested.notes) > SHOWN:
        yield f"and {len(harvested.notes) - SHOWN:,} more that was not read."
    if harvested.findings:
        found = ", ".join(f"{n:,} {severity}" for severity, n in harvested.findings.items())
        yield f"The shapes refuse nothing, and find more that is only wanted ({found})."
    if dry:
        yield "Nothing was published: this was a rehearsal."
    elif harvested.built:
        yield [*of_build(harvested.built)][-1]


def _summary(changes: Changes) -> str:
    if not changes:
        return f"the data have not changed ({changes.after:,} triples), but its entry has."
    counted = [
        f"{len(found):,} {group if len(found) > 1 else ONE[group]} {which}"
        for group, things in sorted(
            changes.things.items(), key=lambda item: list(ONE).index(item[0])
        )
        for which in WHICH
        if (found := getattr(things, which))
    ]
    return (
        f"{', '.join(counted) or 'no thing is another'}; {changes.added:,} triples more, "
        f"{changes.removed:,} fewer ({changes.after:,} in all)."
    )


def _lists(things: Mapping[str, Things]) -> Iterator[str]:
    """The first of what is new, changed and gone, by name."""
    for group in ONE:
        for which in WHICH:
            found = getattr(things.get(group, Things()), which)
            for iri, title in list(found.items())[:SHOWN]:
                yield f"  {which}: {title[:80]} <{iri}>" if title else f"  {which}: <{iri}>"
            if len(found) > SHOWN:
                yield f"  and {len(found) - SHOWN:,} more {group} {which}"


def _faults(harvested: Harvested) -> Iterator[str]:
    if harvested.bad:
        yield f"{len(harvested.bad):,} records could not be used as they are, such as:"
        yield from (f"  {line}" for line in harvested.bad[:SHOWN])
    if harvested.lost:
        yield f"Left out: {', '.join(f'{n:,} {what}' for what, n in harvested.lost.items())}."


def _licence(harvested: Harvested) -> Iterator[str]:
    if not harvested.verified:
        said = harvested.licence if harvested.licence != NO_LICENCE else "not known"
        yield (
            f"Its licence ({said}) is not verified: dumps and atlas build --public leave it out "
            "until its entry states one."
        )
    if harvested.publish != "default":
        yield f"It is in its own graph only ({harvested.publish}), not in the default graph."
