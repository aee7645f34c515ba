"""What a rule engine does not see of WCAG 2.2 AA: pages enlarged, spaced out, heard and steered.

That each page fits 320 pixels, orders its heads, has a title of its own and shows its focus is
tested for every address in test_every_page.py.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from endpoint.language import translate
from tests.web.addresses import PAGES, Address
from tests.web.browsing import overflow, unseen_focus
from tests.web.watching import DESKTOP, Opener

pytestmark = [pytest.mark.national, pytest.mark.slow]

# One page of each family, and those with the most controls.
FAMILIES = (
    "home",
    "local-empty",
    "propose-experience",
    "experiences-like",
    "search",
    "datasets",
    "query",
    "editor",
    "class",
    "territories-nancy",
    "map-centre",
    "matrix-cell",
    "questions-corpora",
    "relation",
    "grouping",
)
A_PAGE_OF_EACH = [address for address in PAGES if address.name in FAMILIES]
# A desktop of 1280 by 1024 at 400 %: https://www.w3.org/TR/WCAG22/#reflow
ENLARGED = {"width": 320, "height": 256}
# https://www.w3.org/TR/WCAG22/#text-spacing
SPACE = """() => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(`
    * {
      line-height: 1.5em !important;
      letter-spacing: 0.12em !important;
      word-spacing: 0.16em !important;
    }
    p { margin-bottom: 2em !important; }
  `);
  document.adoptedStyleSheets = [sheet];
}"""


def asking(body: str) -> str:
    """A function of the page, with what several need: what is seen, and how an element is told."""
    return (
        """() => {
  const marks = (e) => (e.id ? `#${e.id}` : "") + [...e.classList].map((c) => `.${c}`).join("");
  const begins = (e) => (e.textContent || "").trim().slice(0, 40);
  const told = (e) => `${e.tagName.toLowerCase()}${marks(e)} "${begins(e)}"`;
  const seen = (e) =>
    e.checkVisibility({ visibilityProperty: true }) && !e.closest(".unseen, .skip");
"""
        + body
        + "}"
    )


# Text that a frame cuts off where nobody can scroll to it. A head of columns that is left to those
# who hear it is one pixel wide.
CUT = asking("""
  const cuts = ["hidden", "clip"];
  return [...document.body.querySelectorAll("*")].filter((e) => {
    if (!seen(e) || !e.textContent.trim() || e.clientWidth <= 1) return false;
    if (e.closest("svg, select, textarea, .CodeMirror")) return false;
    const { overflowX, overflowY } = getComputedStyle(e);
    return (cuts.includes(overflowX) && e.scrollWidth > e.clientWidth + 1)
      || (cuts.includes(overflowY) && e.scrollHeight > e.clientHeight + 2);
  }).map((e) => `is cut: ${told(e)}`);
""")
# Lines of text that stand over one another; what scrolls in a frame of its own lies over nothing.
OVER = asking("""
  const lines = [];
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let text = walk.nextNode(); text; text = walk.nextNode()) {
    const e = text.parentElement;
    if (!text.data.trim() || !seen(e)) continue;
    if (e.closest("svg, .map, .scroll, select, textarea, script, template")) continue;
    const range = document.createRange();
    range.selectNodeContents(text);
    for (const box of range.getClientRects()) if (box.width > 2) lines.push({ text, e, box });
  }
  lines.sort((one, other) => one.box.top - other.box.top);
  const found = [];
  lines.forEach(({ text, e, box }, nth) => {
    for (let next = nth + 1; lines[next]?.box.top < box.bottom - 1; next += 1) {
      const other = lines[next];
      const across = Math.min(box.right, other.box.right) - Math.max(box.left, other.box.left);
      const down = Math.min(box.bottom, other.box.bottom) - other.box.top;
      const much = Math.min(box.height, other.box.height) / 2;
      if (text !== other.text && across > 3 && down > much)
        found.push(`${told(e)} lies over ${told(other.e)}`);
    }
  });
  return found;
""")
# Less than 24 pixels either way and less than that from another, save links in a line of text:
# https://www.w3.org/TR/WCAG22/#target-size-minimum
TARGETS = asking("""
  const LEAST = 23.9;
  const inText = (e) => {
    if (getComputedStyle(e).display !== "inline") return false;
    let block = e.parentElement;
    while (getComputedStyle(block).display.startsWith("inline")) block = block.parentElement;
    const walk = document.createTreeWalker(block, NodeFilter.SHOW_TEXT);
    for (let text = walk.nextNode(); text; text = walk.nextNode())
      if (/[\\p{L}\\p{N}]/u.test(text.data) && !text.parentElement.closest("a, button, .unseen"))
        return true;
    return false;
  };
  const kinds = "a[href], button, input, select, textarea, summary";
  const all = [...document.querySelectorAll(kinds)]
    .filter((e) => seen(e) && !e.disabled && e.type !== "hidden")
    .map((e) => {
      const box = e.getBoundingClientRect();
      const [x, y] = [(box.left + box.right) / 2, (box.top + box.bottom) / 2];
      const small = box.width < LEAST || box.height < LEAST;
      return { e, lines: [...e.getClientRects()], x, y, small };
    });
  const away = ({ left, right, top, bottom }, { x, y }) =>
    Math.hypot(Math.max(left - x, x - right, 0), Math.max(top - y, y - bottom, 0));
  const near = (one) => all.find(({ e, lines, x, y, small }) => {
    if (e === one.e || e.contains(one.e) || one.e.contains(e)) return false;
    return lines.some((line) => away(line, one) < LEAST / 2)
      || (small && Math.hypot(x - one.x, y - one.y) < LEAST);
  });
  return all.filter(({ e, small }) => small && !inText(e)).flatMap((one) => {
    const other = near(one);
    return other ? [`is small and near ${told(other.e)}: ${told(one.e)}`] : [];
  });
""")
# Who says what is written on a button must be understood: WCAG 2.2, 2.5.3.
SAID = asking("""
  const plain = (text) => text.replace(/\\s+/g, " ").trim().toLowerCase();
  return [...document.querySelectorAll(":is(a, button, summary)[aria-label]")].filter((e) => {
    const written = plain(e.innerText ?? "");
    return seen(e) && /\\p{L}/u.test(written) && !plain(e.ariaLabel).includes(written);
  }).map((e) => `is called "${e.ariaLabel}": ${told(e)}`);
""")
HEARD = ("role", "name", "description")
# As Chromium calls them.
PRESSED = frozenset({"button", "link"})
WRITTEN = frozenset({"checkbox", "combobox", "listbox", "radio", "searchbox", "textbox"})
READ = frozenset({"application", "DisclosureTriangle", "heading", "image", "region"})
NAMED = PRESSED | WRITTEN | READ
PLACES = frozenset({"complementary", "navigation", "search"})


@pytest.mark.parametrize("address", A_PAGE_OF_EACH, ids=lambda address: address.name)
def test_a_page_can_be_enlarged_spaced_out_touched_and_heard(
    open_page: Opener, address: Address
) -> None:
    page = open_page(address.path)
    page.wait_for_load_state()
    expect(page.locator("#map:not([data-drawn])")).to_have_count(0)
    found = [*unnamed(page), *page.evaluate(SAID), *page.evaluate(TARGETS)]
    page.set_viewport_size(ENLARGED)
    found += [f"enlarged: {line}" for line in [*ill_laid(page), *page.evaluate(TARGETS)]]
    page.evaluate(SPACE)
    found += [f"enlarged and spaced out: {line}" for line in ill_laid(page)]
    page.set_viewport_size({"width": DESKTOP[0], "height": DESKTOP[1]})
    found += [f"spaced out: {line}" for line in ill_laid(page)]
    assert not found, "\n".join(found)


def ill_laid(page: Page) -> list[str]:
    """What sticks out of the page, is cut off or lies over something else."""
    return [*overflow(page), *page.evaluate(CUT), *page.evaluate(OVER)]


def unnamed(page: Page) -> list[str]:
    """What the browser tells assistive technology without a name, or twice by the same name."""
    session = page.context.new_cdp_session(page)
    tree: list[dict[str, Any]] = session.send("Accessibility.getFullAXTree")["nodes"]
    heard = [
        tuple(str(node.get(said, {}).get("value", "")).strip() for said in HEARD)
        for node in tree
        if not node["ignored"]
    ]
    places = Counter((role, name) for role, name, _ in heard if role in PLACES)
    return [
        *(f"no name: {role}" for role, name, _ in heard if role in NAMED and not name),
        *(f"only signs: {name}" for role, name, _ in heard if role in PRESSED and not spoken(name)),
        # It has keys of its own, which are told with its name.
        *(f"no keys: {name}" for role, name, keys in heard if role == "application" and not keys),
        *(f"{count} times: {place}" for place, count in places.items() if count > 1),
    ]


def spoken(name: str) -> bool:
    return re.search(r"\w", name) is not None


def test_no_sign_alone_is_a_command_and_a_chord_leads_to_the_search(open_page: Opener) -> None:
    page = open_page("/datasets")
    search = page.locator("#find")
    expect(search).to_have_attribute("aria-keyshortcuts", "Control+K Meta+K")
    page.keyboard.press("/")
    page.keyboard.press("k")
    expect(search).not_to_be_focused()
    page.keyboard.press("Control+k")
    expect(search).to_be_focused()


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no-scripts"])
def test_a_form_that_is_refused_leads_to_what_is_wrong(open_page: Opener, scripts: bool) -> None:
    wrong = translate("propose.wrong", "fr")
    page = open_page("/queries/cq05_competence_holders?insee=xx", status=400, scripts=scripts)
    expect(page).to_have_title(re.compile(f"^{wrong} · "))
    field = page.locator("#value-insee")
    expect(field).to_be_focused()
    expect(field).to_have_accessible_description(re.compile("^Donnez un code INSEE"))

    page = open_page("/propose/relation", scripts=scripts)
    page.locator("#proposal .actions button").click()
    expect(page).to_have_title(re.compile(f"^{wrong} · "))
    expect(page.locator("#summary")).to_be_focused()
    if scripts:  # The page's own script is there when it has made fields search.
        expect(page.locator("#relationSource")).to_have_attribute("role", "combobox")
    page.keyboard.press("Tab")
    expect(page.locator("#summary a").first).to_be_focused()
    page.keyboard.press("Enter")
    control = page.locator("#relationSource")
    if not scripts:  # The whole field is in focus first, and shows it.
        expect(page.locator("#field-relationSource")).to_be_focused()
        expect(page.locator("#field-relationSource")).not_to_have_css("outline-style", "none")
        page.keyboard.press("Tab")
    expect(control).to_be_focused()
    expect(control).to_have_attribute("aria-invalid", "true")

    page = open_page("/experiences?commune=xyzxyz", scripts=scripts)
    expect(page.locator("#commune")).to_have_accessible_description(re.compile("xyzxyz"))


def test_what_a_button_does_is_heard_and_takes_no_focus_away(open_page: Opener) -> None:
    page = open_page("/queries/cq05_competence_holders?insee=54395")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    button = page.locator("[data-copies]")
    button.click()
    expect(page.locator("[data-copies] + [role=status]")).to_have_text(
        translate("library.copied", "fr")
    )
    expect(button).to_be_focused()

    page = open_page("/map?centre=question/precarity&selected=document/calame-talk-talk")
    opened = page.locator(".map-opened li")
    expect(opened).to_have_count(0)
    press(page.locator(".map-actions button").first)
    expect(opened).to_have_count(1)
    expect(page.locator("#map-canvas")).to_be_focused()


def press(button: Locator) -> None:
    """As a keyboard does it."""
    button.focus()
    button.press("Enter")


def test_the_cells_of_a_large_matrix_are_seen_when_enlarged(open_page: Opener) -> None:
    page = open_page("/matrix?of=domain-domain")
    page.set_viewport_size(ENLARGED)
    found = unseen_focus(page)
    assert not found, "\n".join(found)
    page.set_viewport_size({"width": DESKTOP[0], "height": DESKTOP[1]})
    expect(page.locator(".grid thead th").nth(1)).to_have_css("position", "sticky")


def test_paper_says_what_was_asked(open_page: Opener) -> None:
    page = open_page("/queries/cq05_competence_holders?insee=54395")
    page.emulate_media(media="print")
    expect(page.locator("#value-insee")).to_be_visible()
    page = open_page("/matrix?of=actor-actor&status=missing")
    page.emulate_media(media="print")
    expect(page.locator("#by-status")).to_be_visible()
