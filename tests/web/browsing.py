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
SCRIPTS = """() => performance.getEntriesByType("resource")
  .filter(({ name }) => new URL(name).pathname.endsWith(".js"))
  .reduce((bytes, { decodedBodySize }) => bytes + decodedBodySize, 0)"""


def violations(page: Page) -> list[str]:
    """What axe finds against WCAG 2.2 AA, as the page stands now: one line for each element."""
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
    found: list[str] = page.evaluate(OVERFLOW)
    return found


def scripts_size(page: Page) -> int:
    """Bytes of script that the page has loaded so far, out of their compression."""
    return int(page.evaluate(SCRIPTS))


def shot(page: Page, name: str) -> Path:
    """A picture of the whole page under ``instance/screenshots/``."""
    SHOTS.mkdir(parents=True, exist_ok=True)
    path = SHOTS / f"{name}.png"
    page.screenshot(path=path, full_page=True, animations="disabled")
    return path
