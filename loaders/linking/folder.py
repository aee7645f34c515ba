"""The folder of an instance where links are proposed and decisions on them remembered.

{home}/links/{one}--{other}.csv, .ttl   what is proposed of the keywords of two graphs
{home}/links/decisions.csv              what was accepted and refused; a line taken out of it
                                        is proposed again
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from atlas.errors import InstanceError
from atlas.settings import Settings
from loaders.linking.files import REMEMBERED, Row, read_csv, write_csv
from store import Generation, Generations, disk

FOLDER, DECIDED = "links", "decisions.csv"


def current(settings: Settings) -> Generation:
    served = Generations(settings.home, keep=settings.generations_kept).current()
    if served is None:
        raise InstanceError("Nothing is served yet; run atlas build first.")
    return served


def sources(served: Generation) -> dict[str, Mapping[str, Any]]:
    """The graphs that were read or written, by name: not what is inferred or counted."""
    return {each["name"]: each for each in served.record.get("graphs", ()) if "kind" in each}


def decisions(folder: Path) -> list[Row]:
    """What is remembered. Raises MalformedSource."""
    path = folder / DECIDED
    return read_csv(path) if path.exists() else []


@contextmanager
def alone(settings: Settings) -> Iterator[Path]:
    """Be the one who links in this instance; the folder of its files."""
    folder = settings.home / FOLDER
    with disk.sentences(settings.home):
        folder.mkdir(parents=True, exist_ok=True)
        with disk.locked(folder / "lock"):
            yield folder


def remember(rows: Sequence[Row], folder: Path) -> None:
    write_csv(rows, folder / DECIDED, REMEMBERED)


def merged(before: Sequence[Row], decided: Iterable[Row]) -> list[Row]:
    """What is remembered, the newest decision on each pair; the same again changes nothing."""
    known = {each.pair: each for each in before}
    for each in decided:
        old = known.get(each.pair)
        if old is None or (old.decision, old.triple) != (each.decision, each.triple):
            known[each.pair] = each
        elif each.by and not old.by:
            known[each.pair] = replace(old, by=each.by, on=each.on)
    return list(known.values())
