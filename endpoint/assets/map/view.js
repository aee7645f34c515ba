// The map itself: draws what the page says, and does what the reader asks of it.

import { Arranging } from "./arranging.js";
import { Choosing } from "./choosing.js";
import { approach, created, fit, fitLegibly, light, spell } from "./drawing.js";
import { elements, read, steps } from "./graph.js";
import { isArrow, next } from "./keys.js";
import { places } from "./layout.js";
import { palette, style } from "./look.js";
import { open } from "./panel.js";
import { turn } from "./rows.js";
import { savePng, saveSvg } from "./save.js";
import { say } from "./words.js";

const CLOSER = 1.3;
// What is said for all to see.
const PLAIN = new Set(["unreadable", "too_many", "failed"]);
const calm = matchMedia("(prefers-reduced-motion: reduce)");
const dark = matchMedia("(prefers-color-scheme: dark)");

export function start(root) {
  const map = new RelationMap(root);
  map.redraw();
  return map;
}

class RelationMap {
  constructor(root) {
    this.root = root;
    this.canvas = root.querySelector(".map-canvas");
    this.panel = root.querySelector(".map-panel");
    this.said = root.querySelector("[role=status]");
    this.words = JSON.parse(root.dataset.words);
    this.cy = null;
    this.all = false;
    this.arranging = new Arranging(this);
    this.choosing = new Choosing(this);
    this.listen();
  }

  // Draw the map that the page has now, from where things stood before.
  redraw() {
    this.data = read();
    const { things, relations, dense } = elements(this.data, palette().serif);
    const before = this.positions();
    if (!this.cy || this.dense !== dense) this.create(dense);
    this.cy.batch(() => {
      this.cy.elements().remove();
      this.cy.add([...things, ...relations]);
      // Of very many things the names never stand within.
      if (dense) this.cy.nodes().addClass("far");
    });
    this.root.classList.toggle("map-empty", things.length === 0);
    this.all = false;
    const fault = this.arranging.start();
    const found = things.length ? this.places(dense) : {};
    this.cy.batch(() => this.cy.nodes().forEach((node) => node.position(found[node.id()])));
    this.choosing.restore();
    this.arranging.show();
    this.arranged();
    this.move(before, found);
    this.placed = this.data.things;
    this.tell(fault || "loaded", { relations: relations.length, things: things.length });
    this.root.dataset.drawn = String(things.length);
  }

  places(dense) {
    const laid = places(this.cy, steps(this.data), dense, this.arranging.ratio);
    const keys = Object.fromEntries(this.data.things.map(({ key }, number) => [`t${number}`, key]));
    return this.arranging.places(laid, keys);
  }

  create(dense) {
    this.cy?.destroy();
    this.dense = dense;
    this.cy = created(this.canvas, dense);
    this.cy.on("tap", "node, edge", ({ target }) => this.choosing.take(target));
    this.cy.on("tap", ({ target }) => target === this.cy && this.choosing.element && this.choosing.take(null));
    this.cy.on("dbltap", "node", ({ target }) => this.expand(target));
    this.arranging.watch(this.cy);
    // For whoever looks into the page: its console, its tests.
    this.root.map = this.cy;
  }

  positions() {
    if (!this.cy) return new Map();
    return new Map(this.cy.nodes().map((node) => [this.placed[node.data("number")].key, { ...node.position() }]));
  }

  // From where things stood before to where they stand now, unless the reader wants no motion.
  move(before, found) {
    if (calm.matches || this.dense) return;
    this.cy.nodes().forEach((node) => {
      const start = before.get(this.data.things[node.data("number")].key);
      if (!start) return;
      node.position(start);
      node.animate({ position: found[node.id()], duration: 350, easing: "ease-in-out" });
    });
  }

  // What is selected with what is around it, else the whole: all of it where the reader asked for that.
  frame() {
    const { element } = this.choosing;
    if (element) approach(this.cy, element, this.covered());
    else if (this.all) fit(this.cy, this.dense);
    else fitLegibly(this.cy, this.dense);
  }

  // Say something to who listens; what went otherwise than asked is seen, too.
  tell(key, values = {}) {
    this.said.textContent = key === "heard" ? values.text : say(this.words, key, values);
    this.said.classList.toggle("unseen", !PLAIN.has(key));
  }

  // Something was put elsewhere, or back.
  arranged() {
    this.root.querySelector("[data-do=back]").hidden = !this.arranging.touched;
    spell(this.cy, this.dense);
  }

  expand(node) {
    const thing = this.data.things[node.data("number")];
    if (this.data.opened.includes(thing.key)) this.tell("opened", { name: thing.label });
    else open(this.data, thing);
  }

  // The arrow keys go along relations; what is reached is brought into view.
  walk(key) {
    const from = this.choosing.node;
    let target = from ? null : this.cy.getElementById(`t${Math.max(this.data.centre, 0)}`);
    if (from) {
      const place = (node) => ({ ...node.position(), node });
      const found = next(key, from.position(), from.neighborhood("node").map(place), this.cy.nodes().map(place));
      target = found?.node;
    }
    if (!target || target.empty()) return;
    this.choosing.take(target);
    // Once the panel has its size.
    this.reveal(target);
  }

  // Bring a thing into the part of the map that the panel leaves free, and away from its edge.
  reveal(target) {
    const { x, y } = target.renderedPosition();
    const [width, height] = [this.cy.width() - this.covered(), this.cy.height()];
    const inside = x > width / 8 && x < (7 * width) / 8 && y > height / 8 && y < (7 * height) / 8;
    if (inside) return;
    this.cy.panBy({ x: width / 2 - x, y: height / 2 - y });
    this.arranging.keep();
  }

  // Pixels at the right of the map that the panel is over.
  covered() {
    return getComputedStyle(this.panel).position === "absolute" ? this.panel.offsetWidth : 0;
  }

  press(event) {
    const { key } = event;
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (isArrow(key)) {
      if (event.shiftKey) this.step(key.slice("Arrow".length).toLowerCase());
      else this.walk(key);
    } else if (key === "Enter" && this.choosing.node) this.expand(this.choosing.node);
    else if (key === "Escape" && this.choosing.element) this.choosing.take(null);
    else if (key === "+" || key === "=") this.arranging.zoom(CLOSER);
    else if (key === "-") this.arranging.zoom(1 / CLOSER);
    else if (key === "0") this.whole();
    else return;
    event.preventDefault();
  }

  // Move what is selected one step, or what is seen.
  step(way) {
    const { thing, node } = this.choosing;
    if (thing) this.tell("moved", { name: thing.label });
    this.arranging.step(way, node);
  }

  // All of it, however small; things stay where they were put.
  whole() {
    this.all = true;
    this.choosing.choose(null);
    this.choosing.noted();
    this.arranging.follow();
    this.frame();
  }

  async tool(name) {
    const tools = {
      closer: () => this.arranging.zoom(CLOSER),
      further: () => this.arranging.zoom(1 / CLOSER),
      whole: () => this.whole(),
      back: () => this.back(),
      svg: () => this.save(saveSvg),
      png: () => this.save(savePng),
    };
    await (tools[name] ?? (() => this.step(name)))();
  }

  back() {
    this.arranging.back();
    this.tell("put_back");
    // The button is gone with what it was for.
    this.canvas.focus({ preventScroll: true });
  }

  // A file has nothing selected on it.
  async save(save) {
    light(this.cy, null);
    spell(this.cy, this.dense);
    const name = await save(this.cy, this.data, this.dense);
    light(this.cy, this.choosing.element);
    spell(this.cy, this.dense);
    this.tell("saved", { name });
  }

  // Turn to another part of the table.
  turn(link) {
    const part = new URL(link.href).searchParams.get("page");
    const text = turn(this.data, this.words, Number(part));
    this.choosing.mark();
    this.choosing.noted();
    this.tell("heard", { text });
    document.querySelector(".map-rows").focus({ preventScroll: true });
    document.getElementById("map-count").scrollIntoView();
  }

  // Show a relation of the table on the map.
  point(button) {
    this.choosing.choose(this.cy.getElementById(`r${button.dataset.line}`));
    this.choosing.noted();
    this.arranging.follow();
    this.tell(...this.choosing.heard());
    this.canvas.focus();
    this.canvas.scrollIntoView({ block: "center" });
  }

  listen() {
    this.canvas.addEventListener("keydown", (event) => this.press(event));
    // The wheel scrolls the page until the map is what one works with.
    this.canvas.addEventListener("focus", () => this.cy?.userZoomingEnabled(true));
    this.canvas.addEventListener("blur", () => this.cy?.userZoomingEnabled(false));
    this.canvas.addEventListener("pointerdown", () => this.canvas.focus({ preventScroll: true }));
    this.root.querySelector(".map-tools").addEventListener("click", ({ target }) => {
      const name = target.closest("button")?.dataset.do;
      if (name && this.cy) this.tool(name);
    });
    this.root.addEventListener("map-loading", () => this.tell("loading"));
    this.root.addEventListener("map-failed", () => this.tell("failed"));
    dark.addEventListener("change", () => this.cy?.style(style(palette(), this.dense)));
    document.addEventListener("click", (event) => {
      const button = event.target.closest("button[data-line]");
      const link = event.target.closest(".map-pages a");
      if (button) this.point(button);
      if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      this.turn(link);
    });
  }
}
