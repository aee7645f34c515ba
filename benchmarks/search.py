"""Searches by name over the served generation: two hundred, as they are typed, and the index."""

from __future__ import annotations

import random
import statistics
import time
from pathlib import Path

from atlas.settings import Settings
from store import Generation, Generations
from store.labels import files
from store.labels.search import Index, Query
from store.labels.things import CODE, PREFERRED

QUERIES, LIMITS, SEED = 200, (10, 20, 50, 100), 5
LANGUAGES = ("fr", "en", "es")


def run() -> None:
    generation = Generations(Settings.load().home).current()
    if generation is None:
        print("There is no generation; run make build first.")
        return
    folder = generation.folder / files.FOLDER
    sizes = ", ".join(f"{path.name} {size(path):.1f} MB" for path in sorted(folder.iterdir()))
    seconds = generation.record.get("seconds", {}).get("index names")
    print(f"Index: {sizes}" + (f"; {seconds:.1f} s of the build." if seconds else "."))
    print("\n| limit | p50 ms | p95 ms | max ms |\n| --- | --- | --- | --- |")
    queries = typed(generation)
    index = Index(generation)
    try:
        for limit in LIMITS:
            times = sorted(measured(index, query, limit) for query in queries)
            p95 = statistics.quantiles(times, n=20)[-1]
            print(f"| {limit} | {statistics.median(times):.1f} | {p95:.1f} | {times[-1]:.1f} |")
    finally:
        index.close()


def size(path: Path) -> float:
    return path.stat().st_size / 10**6


def typed(generation: Generation) -> list[str]:
    """Whole names, their beginnings, beginnings of their words, one word, codes."""
    luck = random.Random(SEED)
    with files.reading(generation.folder / files.FOLDER / files.NAMES) as file:
        text = "SELECT text FROM name WHERE kind = ? ORDER BY id"
        names, codes = (
            [row[0] for row in file.execute(text, (kind,))] for kind in (PREFERRED, CODE)
        )
    found: list[str] = []
    while len(found) < QUERIES:
        name = luck.choice(names)
        words = name.replace("-", " ").split() or [name]
        parts = " ".join(word[:3] for word in reversed(words))
        found += [name, name[:1], name[:2], name[:3], name[:5], parts, luck.choice(words)]
        found.append(luck.choice(codes or names))
    return found[:QUERIES]


def measured(index: Index, text: str, limit: int) -> float:
    """Milliseconds of one search."""
    began = time.perf_counter()
    index.search(Query(text, "fr", limit=limit), LANGUAGES)
    return (time.perf_counter() - began) * 1000
