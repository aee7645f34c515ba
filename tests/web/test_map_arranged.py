"""What a reader moves on the map is in its address; a long table and a dense map stay legible."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any
from xml.etree import ElementTree

import pytest
from playwright.sync_api import Page, expect

from tests.endpoint.serving import Served
from tests.web.browsing import overflow, violations
from tests.web.watching import PHONE, Opener

pytestmark = [pytest.mark.national, pytest.mark.slow]

HTML = {"Accept": "text/html", "Accept-Language": "fr"}
PRECARITY, NANCY = "/map?centre=question/precarity", "/map?centre=grouping/245400676"
# More relations than one part of the table has.
LONG = "/map?centre=department/54"
NO_ARRANGEMENT = (
    "view=1_2",
    "view=1_2_0_5",
    "view=1_2_3_4_5",
    "view=9999999_0_10_10",
    "moved=a_1",
    "moved=<b>_1_1",
    "moved=" + "~".join(f"{number}_1_1" for number in range(61)),
    "view=0_0_10_10&zoom=3",
)
PLACES = """() => Object.fromEntries(document.querySelector('#map').map.nodes()
  .map((node) => [node.id(), node.position()]))"""
SEEN = """() => { const { x1, y1, w, h } = document.querySelector('#map').map.extent();
  return [x1 + w / 2, y1 + h / 2, w, h].map(Math.round); }"""
ON_SCREEN = """(id) => { const cy = document.querySelector('#map').map;
  const { left, top } = document.querySelector('.map-canvas').getBoundingClientRect();
  const { x, y } = cy.getElementById(id).renderedPosition();
  return [left + x, top + y]; }"""
# Verbs as the library writes them, turned along their lines, against all boxes and each other.
HIDDEN = """() => {
  const cy = document.querySelector("#map").map;
  const corners = (x, y, width, height, turn) => [[-1, -1], [1, -1], [1, 1], [-1, 1]]
    .map(([i, j]) => [i * width / 2, j * height / 2])
    .map(([across, down]) => [x + across * Math.cos(turn) - down * Math.sin(turn),
      y + across * Math.sin(turn) + down * Math.cos(turn)]);
  const apart = (one, other) => [one, other].some((shape) => [0, 1].some((nth) => {
    const [x, y] = [0, 1].map((part) => shape[nth + 1][part] - shape[nth][part]);
    const [a, b] = [one, other].map((each) => each.map((c) => (c[0] * x + c[1] * y)
      / Math.hypot(x, y)));
    return Math.min(Math.max(...a), Math.max(...b)) - Math.max(Math.min(...a), Math.min(...b)) < 3;
  }));
  const verbs = cy.edges(".written").map((edge) => {
    const { labelX, labelY, labelAngle, labelWidth, labelHeight } = edge._private.rscratch;
    const [x, y] = ["x", "y"].map((axis) => edge.pstyle(`text-margin-${axis}`).pfValue);
    return [edge.data("verb"),
      corners(labelX + x, labelY + y, labelWidth, 0.7 * labelHeight, labelAngle)];
  });
  const boxes = cy.nodes().map((node) => [node.data("label"), corners(node.position().x,
    node.position().y, node.width(), node.height(), 0)]);
  return [verbs.length, verbs.flatMap(([verb, place], nth) =>
    [...boxes, ...verbs.slice(nth + 1)].filter(([, other]) => !apart(place, other))
      .map(([other]) => `${verb} on ${other}`))];
}"""
# The names of a map of dots as they are on the screen, against each other.
CROWDED = """() => {
  const cy = document.querySelector("#map").map;
  const boxes = cy.nodes(".named").map((node) => [node.data("label"),
    node.renderedBoundingBox({ includeNodes: false, includeOverlays: false })]);
  return [boxes.length, boxes.flatMap(([name, a], nth) => boxes.slice(nth + 1)
    .filter(([, b]) => Math.min(a.x2, b.x2) - Math.max(a.x1, b.x1) > 2
      && Math.min(a.y2, b.y2) - Math.max(a.y1, b.y1) > 3)
    .map(([other]) => `${name} on ${other}`))];
}"""
# The names of things with few relations, against the dots of other things.
COVERED = """() => {
  const cy = document.querySelector("#map").map;
  const named = cy.nodes(".named").filter((node) => node.data("degree") < 4);
  const over = { includeLabels: false, includeOverlays: false };
  return named.flatMap((node) => {
    const a = node.renderedBoundingBox({ includeNodes: false, includeOverlays: false });
    return cy.nodes().not(node).filter((other) => {
      const b = other.renderedBoundingBox(over);
      return Math.min(a.x2, b.x2) - Math.max(a.x1, b.x1) > 4
        && Math.min(a.y2, b.y2) - Math.max(a.y1, b.y1) > 4;
    }).map((other) => `${node.data("name")} on ${other.data("name")}`);
  });
}"""
# Around the middle of a star: how often one verb comes after another, of how many things.
TURNS = """() => {
  const { map } = document.querySelector("#map");
  const { x, y } = map.nodes("[centre = 1]").position();
  const around = map.edges().map((edge) => {
    const far = edge.source().data("centre") ? edge.target() : edge.source();
    return [Math.atan2(far.position().y - y, far.position().x - x), edge.data("verb")];
  }).sort(([one], [other]) => one - other).map(([, verb]) => verb);
  return [around.filter((verb, nth) => verb !== around.at(nth - 1)).length, around.length];
}"""
# Boxes of things that lie over each other.
OVERLAPS = """() => {
  const every = document.querySelector("#map").map.nodes().map((node) => node.boundingBox());
  return every.filter((a, nth) => every.slice(nth + 1).some((b) =>
    Math.min(a.x2, b.x2) - Math.max(a.x1, b.x1) > 2
      && Math.min(a.y2, b.y2) - Math.max(a.y1, b.y1) > 2)).length;
}"""
FAR = "() => document.querySelector('#map').map.nodes('.far').length"
# The names of a picture that was saved, drawn again, against each other and their frame.
WRITTEN = """(text) => {
  const root = new DOMParser().parseFromString(text, "image/svg+xml").documentElement;
  document.body.replaceChildren(document.adoptNode(root));
  const { x, width } = root.viewBox.baseVal;
  const names = [...root.querySelectorAll(":scope > g[text-anchor]")]
    .filter((name) => name.textContent).map((name) => [name.textContent, name.getBBox()]);
  const apart = (a, b) => Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x) < 2
    || Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y) < 3;
  return { names: names.length,
    dots: root.querySelectorAll(":scope > g > title").length,
    crowded: names.flatMap(([name, a], nth) => names.slice(nth + 1)
      .filter(([, b]) => !apart(a, b)).map(([other]) => `${name} on ${other}`)),
    cut: names.filter(([, a]) => a.x < x || a.x + a.width > x + width).map(([name]) => name) };
}"""
# How much of its frame the map takes, across and down, and how near it is.
FILLED = """() => {
  const { map } = document.querySelector("#map");
  const { w, h } = map.elements().boundingBox({ includeLabels: false });
  return [(w * map.zoom()) / map.width(), (h * map.zoom()) / map.height(), map.zoom()];
}"""
# All is seen. The view is made for boxes, of which a moment later dots are left: these fill less.
WHOLE = f"""() => {{
  const [across, down] = ({FILLED})();
  const most = Math.max(across, down);
  return most > 0.7 && most <= 1;
}}"""
HEIGHT = "() => document.querySelector('#map').map.height()"
SAME_ROWS = """async () => {
  const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const rows = (root) => [...root.querySelectorAll("#map-table tbody tr")];
  const cells = (root) => rows(root).map((row) => [...row.cells]);
  const [here, there] = [cells(document), cells(page)];
  return here.length === there.length
    && here.every((row, r) => row.every((cell, c) => cell.isEqualNode(there[r][c])));
}"""


def drawn(page: Page) -> Page:
    """The map is drawn once it is in view; a page that is read again may be scrolled down."""
    page.locator("#map").scroll_into_view_if_needed()
    page.wait_for_selector("#map[data-drawn]")
    return page


def drag(page: Page, thing: str, across: int, down: int) -> None:
    x, y = page.evaluate(ON_SCREEN, thing)
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + across, y + down, steps=5)
    page.mouse.up()


def in_view(page: Page) -> Page:
    page.locator(".map-canvas").evaluate("(canvas) => canvas.scrollIntoView({ block: 'center' })")
    return page


def near(one: dict[str, Any], other: dict[str, Any]) -> bool:
    return one.keys() == other.keys() and all(
        abs(one[thing][axis] - other[thing][axis]) < 0.01 for thing in one for axis in "xy"
    )


def test_what_is_moved_is_in_the_address_and_comes_back_with_it(open_page: Opener) -> None:
    page = in_view(drawn(open_page(PRECARITY)))
    laid, entries = page.evaluate(PLACES), page.evaluate("() => history.length")
    drag(page, "t1", 60, 40)
    page.wait_for_url("**#view=**moved=**")
    drag(page, "t2", -30, -50)
    page.wait_for_url("**~**")
    places, seen = page.evaluate(PLACES), page.evaluate(SEEN)
    assert not near(places, laid)
    assert page.evaluate("() => history.length") == entries
    page.reload()
    drawn(page)
    assert near(page.evaluate(PLACES), places)
    assert page.evaluate(SEEN) == seen
    # Another window, the same picture: the same places, and all that was seen is seen.
    path = page.url.partition(page.evaluate("() => location.origin"))[2]
    other = drawn(open_page(path, phone=True))
    assert near(other.evaluate(PLACES), places)
    x, y, width, height = other.evaluate(SEEN)
    assert abs(x - seen[0]) <= 1
    assert abs(y - seen[1]) <= 1
    assert width >= seen[2] - 1
    assert height >= seen[3] - 1
    assert overflow(other) == []
    page.locator("[data-do=whole]").click()
    page.wait_for_url("**#moved=**")
    assert near(page.evaluate(PLACES), places)
    page.locator("[data-do=back]").click()
    page.wait_for_url(re.compile(r"precarity$"))
    assert near(page.evaluate(PLACES), laid)
    expect(page.locator("[data-do=back]")).to_be_hidden()
    expect(page.locator(".map-canvas")).to_be_focused()


def test_the_view_is_noted_once_it_rests(open_page: Opener) -> None:
    page = in_view(drawn(open_page(PRECARITY)))
    canvas = page.locator(".map-canvas")
    box = canvas.bounding_box()
    assert box
    page.mouse.move(box["x"] + 20, box["y"] + 20)
    page.mouse.down()
    page.mouse.move(box["x"] + 120, box["y"] + 70, steps=5)
    page.mouse.up()
    page.wait_for_url("**#view=**")
    page.locator("[data-do=closer]").click()
    seen = page.evaluate(SEEN)
    page.wait_for_function("(seen) => location.hash === `#view=${seen.join('_')}`", arg=seen)
    page.reload()
    assert drawn(page).evaluate(SEEN) == seen


def test_nothing_needs_to_be_dragged(open_page: Opener) -> None:
    """WCAG 2.2, 2.5.7: keys, and buttons for who has a pointer alone."""
    page = drawn(open_page(PRECARITY))
    before = page.evaluate(SEEN)
    page.locator("[data-do=right]").click()
    page.wait_for_url("**#view=**")
    assert page.evaluate(SEEN)[0] > before[0]
    canvas = page.locator(".map-canvas")
    canvas.press("ArrowRight")
    places = page.evaluate(PLACES)
    canvas.press("Shift+ArrowDown")
    expect(page.locator("#map-said")).to_have_text("précarité\u00a0: nouvelle place.")
    page.locator("[data-do=left]").click()
    page.wait_for_url("**moved=*_-24_24")
    moved = page.evaluate(PLACES)
    assert moved["t0"] == {"x": places["t0"]["x"] - 24, "y": places["t0"]["y"] + 24}
    assert violations(page) == []


def test_what_is_moved_stays_where_the_map_goes(open_page: Opener) -> None:
    page = drawn(open_page(PRECARITY))
    canvas = page.locator(".map-canvas")
    for key in ("ArrowRight", "ArrowUp", "Shift+ArrowDown"):
        canvas.press(key)
    page.wait_for_url("**moved=**")
    moved = page.url.partition("moved=")[2]
    canvas.press("Enter")
    page.wait_for_url("**open=**")
    assert page.url.endswith(f"#moved={moved}"), "another map is seen whole"
    page.locator(".languages [hreflang=en]").click()
    page.wait_for_url("**lang=en**")
    assert page.url.endswith(f"#moved={moved}")
    expect(drawn(page).locator("[data-do=back]")).to_be_visible()


def test_what_is_no_arrangement_is_said_and_the_map_is_drawn(open_page: Opener) -> None:
    page = drawn(open_page(f"{PRECARITY}#{NO_ARRANGEMENT[0]}"))
    said = page.locator("#map-said")
    places = page.evaluate(PLACES)
    for behind in (*NO_ARRANGEMENT[1:], NO_ARRANGEMENT[0]):
        expect(said).to_contain_text("après le signe #, ne décrit aucune vue de cette carte")
        expect(said).not_to_have_class(re.compile("unseen"))
        said.evaluate(
            "(said, behind) => { said.textContent = ''; location.hash = behind; }", behind
        )
    expect(said).to_contain_text("après le signe #")
    assert near(page.evaluate(PLACES), places)
    # A heading of the page is no arrangement, nor a fault.
    said.evaluate("(said) => { said.textContent = ''; location.hash = 'content'; }")
    page.evaluate("() => { location.hash = 'view=0_0_800_600'; }")
    page.wait_for_function(f"() => ({SEEN})()[0] === 0")
    expect(said).to_be_empty()


def test_of_many_moved_things_the_last_are_kept(open_page: Opener) -> None:
    kept = "~".join(f"{number}_1_1" for number in range(10, 70))
    page = drawn(open_page(f"{PRECARITY}#moved={kept}"))
    canvas = page.locator(".map-canvas")
    canvas.press("ArrowRight")
    canvas.press("Shift+ArrowDown")
    said = page.locator("#map-said")
    expect(said).to_contain_text("61 choses ont été déplacées")
    places = page.url.partition("moved=")[2].split("~")
    assert len(places) == 60
    assert places[0] == "11_1_1"
    assert places[-1].endswith("_0_24")


def test_a_picture_shows_things_where_they_were_put(open_page: Opener) -> None:
    page = drawn(open_page(PRECARITY))
    canvas = page.locator(".map-canvas")
    for key in ("ArrowRight", "Shift+ArrowDown", "Shift+ArrowDown"):
        canvas.press(key)
    page.wait_for_url("**_0_48")
    with page.expect_download() as saved:
        page.locator("[data-do=svg]").click()
    root = ElementTree.fromstring(saved.value.path().read_bytes())
    texts = root.iter("{http://www.w3.org/2000/svg}text")
    name = next(text for text in texts if text.text == "précarité" and "x" in text.attrib)
    place = page.evaluate(PLACES)["t0"]
    assert float(name.attrib["x"]) == pytest.approx(place["x"], abs=0.1)
    assert float(name.attrib["y"]) == pytest.approx(place["y"], abs=12)
    assert page.url in "".join(root.itertext()).replace("\n", "")


def test_a_long_table_is_read_in_parts_without_scripts(national: Served) -> None:
    first, second = (national.fetch(LONG + more, headers=HTML).text for more in ("", "&page=2"))
    total = re.search(r'id="map-count">(\d+)', first)
    assert total
    lines = [re.findall(r'<tr data-line="(\d+)"', text) for text in (first, second)]
    assert [int(line) for part in lines for line in part] == list(range(int(total[1])))
    assert len(lines[0]) == 200
    assert 'rel="next" href="/map?centre=department/54&amp;page=2' in first
    for asked in ("3", "0", "x", "2.0"):
        reply = national.fetch(f"{LONG}&page={asked}", headers=HTML)
        assert reply.status == 400
    # The part that has what is selected comes by itself.
    last = re.findall(r'href="/doc/(commune/\d+)"', second)[-1]
    chosen = national.fetch(f"{LONG}&selected={last}", headers=HTML).text
    assert re.findall(r'<tr data-line="(\d+)"', chosen) == lines[1]


def test_the_parts_of_a_long_table_are_the_servers_and_follow_the_map(open_page: Opener) -> None:
    page = drawn(open_page(LONG))
    rows = page.locator("#map-table tbody tr")
    expect(rows).to_have_count(200)
    page.locator(".map-pages [rel=next]").click()
    page.wait_for_url("**page=2")
    expect(page.locator("#map-said")).to_have_text("Partie 2 sur 2")
    expect(page.locator(".map-rows")).to_be_focused()
    assert page.evaluate(SAME_ROWS)
    page.locator(".map-pages [rel=prev]").click()
    page.wait_for_url(re.compile(r"department/54$"))
    assert page.evaluate(SAME_ROWS)
    page.evaluate("() => { document.querySelector('#map').map.edges().last().emit('tap'); }")
    expect(page.locator("#map-table [aria-current]")).to_have_count(1)
    assert rows.count() < 200
    page.reload()
    expect(drawn(page).locator("#map-table [aria-current]")).to_have_count(1)
    assert page.evaluate(SAME_ROWS)
    assert violations(page) == []


def test_a_map_of_thousands_says_nothing_twice(national: Served) -> None:
    opened = ("200067213", "200054781", "200041523", "200067205", "245701206", "200071181")
    asked = "".join(f"&open=grouping/{code}" for code in opened)
    text = national.fetch(f"/map?centre=grouping/200067106{asked}", headers=HTML).text
    total = re.search(r'id="map-count">([\d\u202f]+)', text)
    assert total
    relations = int(total[1].replace("\u202f", ""))
    assert relations > 1_000
    assert text.count("<tr data-line=") == 200
    embedded = text.partition('<template id="map-data">')[2].partition("</template>")[0]
    assert len(embedded.encode()) < 110 * relations
    assert len(text.encode()) < 450_000


@pytest.mark.parametrize(
    "path", [PRECARITY, f"{PRECARITY}&depth=2", NANCY, "/map?centre=region/94", "/map", LONG]
)
def test_no_verb_runs_under_a_box(open_page: Opener, path: str) -> None:
    page = drawn(open_page(path))
    count, hidden = page.evaluate(HIDDEN)
    assert count
    assert hidden == []
    # The hub itself selected: its verbs are written again, as far as there is room.
    page.locator(".map-canvas").press("ArrowRight")
    assert page.evaluate(HIDDEN)[1] == []


def test_nearly_every_relation_of_a_map_says_its_verb(open_page: Opener) -> None:
    page = drawn(open_page(f"{PRECARITY}&depth=2"))
    edges = page.evaluate("document.querySelector('#map').map.edges().length")
    # How many have room depends on the letters that a machine has: here all but two.
    assert page.evaluate(HIDDEN)[0] > 0.8 * edges


def test_around_one_thing_those_of_one_verb_are_together_and_are_read(open_page: Opener) -> None:
    page = drawn(open_page(NANCY))
    turns, things = page.evaluate(TURNS)
    assert things > 60
    assert turns < things / 4
    assert page.evaluate(OVERLAPS) == 0
    assert page.evaluate(FAR) == 0


def test_what_is_opened_comes_around_a_star_that_stays(open_page: Opener) -> None:
    before = drawn(open_page(NANCY)).evaluate(PLACES)
    page = drawn(open_page(f"{NANCY}&open=municipality/215403957"))
    after = page.evaluate(PLACES)
    assert len(after) > len(before)
    # The map may stand elsewhere as a whole; what is opened is larger and makes itself room.
    moves = Counter(
        (round(after[one]["x"] - x["x"]), round(after[one]["y"] - x["y"]))
        for one, x in before.items()
    )
    assert moves.most_common(1)[0][1] > 0.75 * len(before)
    assert page.evaluate(OVERLAPS) == 0


def test_names_stand_beside_their_things_from_afar_and_within_them_from_near(
    open_page: Opener,
) -> None:
    page = drawn(open_page("/map"))
    things = page.evaluate("document.querySelector('#map').map.nodes().length")
    assert page.evaluate(FAR) == things
    canvas = page.locator(".map-canvas")
    canvas.focus()
    for _ in range(6):
        canvas.press("+")
    page.wait_for_function(f"() => ({FAR})() === 0")
    canvas.press("0")
    page.wait_for_function(f"() => ({FAR})() === {things}")
    assert page.evaluate(CROWDED)[1] == []


@pytest.mark.parametrize("path", ["/map", LONG])
def test_names_on_a_map_of_very_many_things_leave_each_other_room(
    open_page: Opener, path: str
) -> None:
    page = drawn(open_page(path))
    count, crowded = page.evaluate(CROWDED)
    assert count > 20
    assert crowded == []
    assert page.evaluate(COVERED) == []


def test_names_on_a_picture_of_very_many_things_leave_each_other_room(open_page: Opener) -> None:
    page = drawn(open_page(LONG))
    things = page.evaluate("document.querySelector('#map').map.nodes().length")
    # The picture is of the whole, wherever one looks.
    page.locator("[data-do=closer]").click()
    with page.expect_download() as saved:
        page.locator("[data-do=svg]").click()
    found = page.evaluate(WRITTEN, saved.value.path().read_text())
    assert found["dots"] == things
    assert found["names"] > things / 3
    assert (found["crowded"], found["cut"]) == ([], [])


def test_on_a_phone_the_map_fills_its_frame_and_is_read(open_page: Opener) -> None:
    across, down, _ = drawn(open_page("/map", phone=True)).evaluate(FILLED)
    assert max(across, down) > 0.85
    page = drawn(open_page(f"{PRECARITY}&depth=2", phone=True))
    across, down, near = page.evaluate(FILLED)
    assert near >= 0.7
    assert max(across, down) > 1
    page.locator("[data-do=whole]").click()
    page.wait_for_function(WHOLE)
    # As when the bars of a phone's browser go: what was asked for is seen still.
    height = page.evaluate(HEIGHT)
    page.set_viewport_size({"width": PHONE[0], "height": PHONE[1] - 90})
    page.wait_for_function(f"() => ({HEIGHT})() < {height}")
    page.wait_for_function(WHOLE)
