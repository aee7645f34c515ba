"""Searches by name over the served generation: two hundred, as they are typed, and the index.

Then as many with one letter wrong, which nothing has: near names are looked for.
"""

from __future__ import annotations

import random
import statistics
import time
from pathlib import Path

from atlas.settings import Settings
from store import Generation, Generations
from store.labels import files
from store.labels.asked import Query
from store.labels.search import Index
from store.labels.spelling import SHORTEST, one_step
from store.labels.things import CODE, PREFERRED

QUERIES, LIMITS, NEAR_LIMIT, SEED = 200, (10, 20, 50, 100), 10, 5
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
            print(line(str(limit), [measured(index, query, limit) for query in queries]))
        wrong = misspelt(index, queries)
        times = [measured(index, query, NEAR_LIMIT) for query in wrong]
        print(line(f"{NEAR_LIMIT}, misspelt", times))
    finally:
        index.close()


def line(label: str, times: list[float]) -> str:
    p95 = statistics.quantiles(times, n=20)[-1]
    return f"| {label} | {statistics.median(times):.1f} | {p95:.1f} | {max(times):.1f} |"


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


def misspelt(index: Index, queries: list[str]) -> list[str]:
    """The same with another letter in the longest word, where nothing has those words."""
    luck = random.Random(SEED)
    found: list[str] = []
    while len(found) < QUERIES:
        words = luck.choice(queries).replace("-", " ").split()
        longest = max(words, key=len, default="")
        if len(longest) >= SHORTEST:
            other = luck.choice(sorted(one_step(longest.lower())))
            text = " ".join(other if word == longest else word for word in words)
            if not index.search(Query(text, "fr"), LANGUAGES).hits:
                found.append(text)
    return found


def measured(index: Index, text: str, limit: int) -> float:
    """Milliseconds of one search."""
    began = time.perf_counter()
    index.search(Query(text, "fr", limit=limit), LANGUAGES)
    return (time.perf_counter() - began) * 1000
