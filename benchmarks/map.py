"""How smoothly the relation map moves: a Chromium trace while a thing and the whole are dragged.

The map is a real one: the groupings of France with the most members, with their members and their
competences, opened until there are 2,000 things and 4,000 relations. Asks a running atlas at
``ATLAS_BENCH_SITE``, of which the national registers are loaded.
"""

from __future__ import annotations

import json
import math
import os
import statistics
import urllib.parse
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from playwright.sync_api import Page, sync_playwright

SITE = os.environ.get("ATLAS_BENCH_SITE", "http://127.0.0.1:8000")
CHROMIUM = os.environ.get("ATLAS_BENCH_CHROMIUM", "/usr/bin/chromium")
THINGS, RELATIONS, MOST_OPENED = 2_000, 4_000, 40
# A drag of this many movements of the pointer, in pixels to each side.
MOVES, REACH = 240, 120
PATIENCE = 180_000  # milliseconds until the map must stand
LARGEST = """
PREFIX atlas: <https://w3id.org/atlas-relationnel/ontology/>
SELECT ?grouping ?members ?competences WHERE {
  { SELECT ?grouping (COUNT(*) AS ?members) { ?m atlas:memberOf ?grouping } GROUP BY ?grouping }
  { SELECT ?grouping (COUNT(*) AS ?competences) { ?grouping atlas:holdsCompetence ?c }
    GROUP BY ?grouping }
}
ORDER BY DESC(?members) LIMIT 40"""
FRAMES = """() => {
  const times = [];
  window.frames_ = times;
  const note = (time) => { times.push(time); window.frame_ = requestAnimationFrame(note); };
  window.frame_ = requestAnimationFrame(note);
}"""
STOP = "() => { cancelAnimationFrame(window.frame_); return window.frames_; }"
SIZE = "() => { const { map } = document.querySelector('#map'); \
return [map.nodes().length, map.edges().length]; }"
HUB = "() => document.querySelector('#map').map.nodes()[0].renderedPosition()"


@dataclass(frozen=True)
class Drag:
    """Frames while something was dragged: milliseconds from one to the next, and all the time that
    the page's main thread worked for them, waiting not counted."""

    name: str
    frames: list[float]
    work: float

    @property
    def rate(self) -> float:
        return 1000 * len(self.frames) / sum(self.frames)


def run() -> None:
    """Print a table of the drags."""
    try:
        address = f"{SITE}{large_map()}"
    except OSError as error:
        print(f"no atlas answers at {SITE} ({error}): start one with `make serve`")
        return
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"]
        )
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.set_default_timeout(PATIENCE)
        page.goto(address)
        page.wait_for_selector("#map[data-drawn]")
        things, relations = page.evaluate(SIZE)
        print(f"{things:,} things, {relations:,} relations, Chromium {browser.version}, no GPU\n")
        print("| drag | frames | frames/s | median ms | p95 ms | main thread, ms per frame |")
        print("|---|---:|---:|---:|---:|---:|")
        for drag in drags(page):
            print(
                f"| {drag.name} | {len(drag.frames)} | {drag.rate:.0f} | "
                f"{statistics.median(drag.frames):.1f} | {high(drag.frames):.1f} | "
                f"{drag.work / len(drag.frames):.1f} |"
            )
        browser.close()


def large_map() -> str:
    """The path of a map of the largest groupings, as many as make it large enough."""
    query = urllib.parse.urlencode({"query": LARGEST})
    request = urllib.request.Request(
        f"{SITE}/sparql?{query}", headers={"Accept": "application/sparql-results+json"}
    )
    with urllib.request.urlopen(request) as answer:
        rows = json.load(answer)["results"]["bindings"]
    things = relations = 0
    names: list[str] = []
    for row in rows:
        if things >= THINGS and relations >= RELATIONS:
            break
        things += int(row["members"]["value"])
        relations += int(row["members"]["value"]) + int(row["competences"]["value"])
        names.append(row["grouping"]["value"].partition("/id/")[2])
    opened = [("open", name) for name in names[1:]]
    return "/map?" + urllib.parse.urlencode([("centre", names[0]), *opened])


def drags(page: Page) -> Iterator[Drag]:
    canvas = page.locator(".map-canvas")
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    assert box is not None, "the canvas is on the page"
    yield dragged(page, "the whole map", box["x"] + 8, box["y"] + box["height"] / 2)
    hub = page.evaluate(HUB)
    yield dragged(page, "a thing with its relations", box["x"] + hub["x"], box["y"] + hub["y"])


def dragged(page: Page, name: str, x: float, y: float) -> Drag:
    """Press at a place, move about it and let go, under a trace."""
    browser = page.context.browser
    assert browser is not None, "a page of a launched browser"
    with TemporaryDirectory() as folder:
        path = Path(folder, "trace.json")
        page.mouse.move(x, y)
        page.mouse.down()
        page.mouse.move(x + 9, y)
        browser.start_tracing(page=page, path=path, categories=["toplevel", "devtools.timeline"])
        page.evaluate(FRAMES)
        for move in range(MOVES):
            turn = move / 20
            page.mouse.move(x + REACH * math.sin(turn), y + REACH * math.sin(turn / 2))
        times = page.evaluate(STOP)
        browser.stop_tracing()
        page.mouse.up()
        frames = [later - earlier for earlier, later in pairwise(times)]
        return Drag(name, frames, work(json.loads(path.read_text("utf-8"))["traceEvents"]))


def work(events: list[dict[str, Any]]) -> float:
    """Milliseconds of processor time that the trace's animation frames took."""
    return sum(
        event.get("tdur", 0) / 1000 for event in events if event["name"] == "FireAnimationFrame"
    )


def high(values: list[float]) -> float:
    """The 95th percentile."""
    return sorted(values)[int(len(values) * 0.95)]
