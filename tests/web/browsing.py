"""What a test asks of an open page: is it accessible, does it fit, how much script does it load."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

ROOT = Path(__file__).parents[2]
SHOTS = ROOT / "instance" / "screenshots"
# WCAG 2.2 AA, whole: https://www.w3.org/TR/WCAG22/
RULES = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa")
RUN_AXE = """async (rules) => {
  const { violations } = await axe.run({ runOnly: rules, resultTypes: ["violations"] });
  return violations.flatMap(({ id, nodes }) => nodes.map(({ target, failureSummary }) => ({
    rule: id, target: target.flat().join(" "), why: failureSummary,
  })));
}"""
# An element that is cut or scrolls in a frame of its own widens no page.
OVERFLOW = """() => {
  const root = document.documentElement;
  const width = root.clientWidth;
  if (root.scrollWidth <= width) return [];
  const framed = (element) => {
    for (let e = element.parentElement; e && e !== document.body; e = e.parentElement)
      if (getComputedStyle(e).overflowX !== "visible") return true;
    return false;
  };
  const name = (e) => e.tagName.toLowerCase() + (e.id ? `#${e.id}` : "")
    + [...e.classList].map((c) => `.${c}`).join("");
  const wide = [...document.body.querySelectorAll("*")].map((e) => {
    const right = Math.round(e.getBoundingClientRect().right + scrollX);
    return right > width && !framed(e)
      ? `${name(e)} ends at ${right} of ${width}: ${e.textContent.trim().slice(0, 40)}` : "";
  }).filter(Boolean);
  return [`the page is ${root.scrollWidth} wide in ${width}`, ...wide.slice(0, 10)];
}"""
# What a reader of the outline or of the tables needs, and axe does not ask for.
STRUCTURE = """() => {
  const found = [];
  const text = (e) => (e.textContent || "").trim().slice(0, 40);
  const told = (e) => `${e.tagName.toLowerCase()} "${text(e)}"`;
  let level = 0;
  for (const head of document.querySelectorAll("h1, h2, h3, h4, h5, h6")) {
    const now = Number(head.tagName[1]);
    if (now > level + 1) found.push(`from h${level} to ${told(head)}`);
    level = now;
  }
  const named = (e) => e.caption || e.closest("[aria-label], [aria-labelledby]");
  for (const table of document.querySelectorAll("table"))
    if (!named(table)) found.push(`no name: ${told(table)}`);
  for (const head of document.querySelectorAll("th:not([scope])"))
    found.push(`no scope: ${told(head)}`);
  const links = ["aria-describedby", "aria-labelledby", "aria-controls", "for"];
  for (const link of links) for (const e of document.querySelectorAll(`[${link}]`))
    for (const id of e.getAttribute(link).split(" ").filter(Boolean))
      if (!document.getElementById(id)) found.push(`${link} without #${id}: ${told(e)}`);
  return found;
}"""
# Every link and control in turn, as the keyboard reaches it: WCAG 2.2, 2.4.7 and 2.4.11.
FOCUS = """() => {
  const found = [];
  const text = (e) => (e.textContent || e.value || "").trim().slice(0, 40);
  const told = (e) => `${e.tagName.toLowerCase()} "${text(e)}"`;
  const middle = (low, high, end) => (Math.max(low, 0) + Math.min(high, end)) / 2;
  const at = ({ left, right, top, bottom }) => document.elementFromPoint(
    middle(left, right, innerWidth), middle(top, bottom, innerHeight),
  );
  const stuck = (e) => getComputedStyle(e).position === "sticky";
  const reached = "a[href], button, input, select, textarea, summary, [tabindex='0']";
  for (const e of document.querySelectorAll(reached)) {
    if (!e.checkVisibility() || e.disabled || e.type === "hidden") continue;
    e.focus();
    if (document.activeElement !== e) found.push(`takes no focus: ${told(e)}`);
    const style = getComputedStyle(e);
    if (style.outlineStyle === "none" || parseFloat(style.outlineWidth) < 1)
      found.push(`focus is not seen: ${told(e)}`);
    const above = [...e.getClientRects()].map(at).filter(Boolean);
    if (!above.length) found.push(`out of sight: ${told(e)}`);
    else if (above.every((one) => stuck(one) && !one.contains(e) && !e.contains(one)))
      found.push(`hidden under ${told(above[0])}: ${told(e)}`);
  }
  return found;
}"""
SCRIPTS = """() => performance.getEntriesByType("resource")
  .filter(({ name }) => new URL(name).pathname.endsWith(".js"))
  .reduce((bytes, { decodedBodySize }) => bytes + decodedBodySize, 0)"""


def violations(page: Page) -> list[str]:
    """What axe finds against WCAG 2.2 AA, as the page stands now: one line for each element."""
    page.wait_for_load_state()
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(axe())  # Not as a script element: the page's policy would stop that.
    found: list[dict[str, Any]] = page.evaluate(RUN_AXE, RULES)
    return [f"{one['rule']}: {one['target']}: {' '.join(one['why'].split())}" for one in found]


@cache
def axe() -> str:
    """Axe's own text, ended so that the page hands nothing back."""
    source = ROOT / "node_modules" / "axe-core" / "axe.min.js"
    return source.read_text("utf-8") + ";undefined"


def overflow(page: Page) -> list[str]:
    """Nothing where the page fits its width; else how wide it is and which elements stick out."""
    page.wait_for_load_state()
    found: list[str] = page.evaluate(OVERFLOW)
    return found


def structure(page: Page) -> list[str]:
    """Heads that skip a level, tables without a name, names that lead to nothing: a line each."""
    page.wait_for_load_state()
    found: list[str] = page.evaluate(STRUCTURE)
    return found


def unseen_focus(page: Page) -> list[str]:
    """Links and controls whose focus does not show or is covered, one line each."""
    page.wait_for_load_state()
    page.keyboard.press("Tab")  # From here on the browser shows focus.
    found: list[str] = page.evaluate(FOCUS)
    return found


def scripts_size(page: Page) -> int:
    """Bytes of script that the page has loaded so far, out of their compression."""
    return int(page.evaluate(SCRIPTS))


def shot(page: Page, name: str) -> Path:
    """A picture of the whole page under ``instance/screenshots/``."""
    page.wait_for_load_state()
    SHOTS.mkdir(parents=True, exist_ok=True)
    path = SHOTS / f"{name}.png"
    page.screenshot(path=path, full_page=True, animations="disabled")
    return path
