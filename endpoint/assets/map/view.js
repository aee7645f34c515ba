// The map itself: draws what the page says, and keeps what is selected in step with the table.

import cytoscape from "cytoscape";
import fcose from "cytoscape-fcose";

import { note } from "./address.js";
import { elements, read, steps } from "./graph.js";
import { isArrow, next } from "./keys.js";
import { places } from "./layout.js";
import { palette, style } from "./look.js";
import { line, mark, nothingPanel, open, relationPanel, say, thingPanel, thingSaid } from "./panel.js";
import { savePng, saveSvg } from "./save.js";
import { holdStill } from "./still.js";

cytoscape.use(fcose);
const PADDING = 30;
const NEAREST = 1.15;
const MOST_TOLD = 24;
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
    });
    this.chosen = null;
    this.root.classList.toggle("map-empty", things.length === 0);
    const found = things.length ? places(this.cy, steps(this.data), dense) : {};
    this.cy.batch(() => this.cy.nodes().forEach((node) => node.position(found[node.id()])));
    this.fit();
    this.restore();
    this.move(before, found);
    this.placed = this.data.things;
    const counts = { relations: relations.length, things: things.length };
    this.tell(say(this.words, "loaded", counts));
    this.root.dataset.drawn = String(things.length);
  }

  create(dense) {
    this.cy?.destroy();
    this.dense = dense;
    this.cy = cytoscape({
      container: this.canvas,
      style: style(palette(), dense),
      minZoom: 0.03,
      maxZoom: 3,
      boxSelectionEnabled: false,
      autounselectify: true,
      userZoomingEnabled: false,
      // What is moved is a picture of the map, drawn anew once it rests: thousands of lines stay smooth.
      textureOnViewport: dense,
      pixelRatio: dense ? 1 : "auto",
    });
    if (dense) holdStill(this.cy);
    this.cy.on("tap", "node, edge", ({ target }) => this.choose(target));
    this.cy.on("tap", (event) => event.target === this.cy && this.choose(null));
    this.cy.on("resize", () => (this.chosen ? this.approach(this.chosen) : this.fit()));
    this.cy.on("dbltap", "node", ({ target }) => this.expand(target));
    // For whoever looks into the page: its console, its tests.
    this.root.map = this.cy;
  }

  positions() {
    if (!this.cy) return new Map();
    return new Map(this.cy.nodes().map((node) => [this.placed[node.data("number")].iri, { ...node.position() }]));
  }

  // From where things stood before to where they stand now, unless the reader wants no motion.
  move(before, found) {
    if (calm.matches || this.dense) return;
    this.cy.nodes().forEach((node) => {
      const start = before.get(this.data.things[node.data("number")].iri);
      if (!start) return;
      node.position(start);
      node.animate({ position: found[node.id()], duration: 350, easing: "ease-in-out" });
    });
  }

  // All of it, but no larger than the page's own letters.
  fit() {
    this.cy.fit(undefined, PADDING);
    if (this.cy.zoom() <= NEAREST) return;
    this.cy.zoom(NEAREST);
    this.cy.center();
  }

  // Select what the address says.
  restore() {
    const key = new URL(location.href).searchParams.get("selected");
    const thing = this.data.things.findIndex((one) => key && (one.key === key || one.iri === key));
    const relation = this.data.relations.findIndex((one) => key && one.iri && short(one.iri) === key);
    const id = thing >= 0 ? `t${thing}` : relation >= 0 ? `r${relation}` : "";
    const chosen = id ? this.cy.getElementById(id) : null;
    this.choose(chosen, { quiet: true });
    if (chosen) this.approach(chosen);
  }

  // Show what is selected from near, with what it is related to.
  approach(element) {
    const { x1, y1, w, h } = around(element).boundingBox({ includeLabels: false });
    // The panel covers the right of the map.
    const over = getComputedStyle(this.panel).position === "absolute";
    const width = this.cy.width() - (over ? this.panel.offsetWidth : 0);
    const room = (length) => length - 2 * PADDING;
    const zoom = Math.min(room(width) / w, room(this.cy.height()) / h, NEAREST);
    this.cy.viewport({
      zoom,
      pan: { x: width / 2 - (x1 + w / 2) * zoom, y: this.cy.height() / 2 - (y1 + h / 2) * zoom },
    });
  }

  choose(element, { quiet = false } = {}) {
    this.chosen = element;
    const near = element && around(element);
    this.cy.batch(() => {
      this.cy.elements().removeClass("chosen near faded told");
      if (!element) return;
      this.cy.elements().difference(near).addClass("faded");
      near.addClass("near");
      // Around a thing with very many relations their verbs would hide each other.
      if (near.edges().length <= MOST_TOLD) near.edges().addClass("told");
      element.addClass("chosen");
    });
    const lines = element?.isNode() ? element.connectedEdges().map((edge) => edge.data("number")) : [];
    const number = element?.data("number");
    if (!element) this.show(nothingPanel(this.words), quiet ? "" : this.words.none);
    else if (element.isNode()) {
      const thing = this.data.things[number];
      this.show(thingPanel(this.words, this.data, thing, lines), this.sentences(thing, lines));
    } else this.show(relationPanel(this.words, number), line(number).cells[0].textContent.trim());
    mark(lines, element?.isEdge() ? number : -1);
    if (!quiet) note(this.key(element));
  }

  key(element) {
    if (!element) return "";
    const number = element.data("number");
    return element.isNode() ? this.data.things[number].key : short(this.data.relations[number].iri);
  }

  // What is heard: the thing, how many relations it has, and the first of them.
  sentences(thing, lines) {
    const first = lines.slice(0, 3).map((number) => line(number).cells[0].textContent.replace(/\s+/g, " ").trim());
    return [thingSaid(this.words, thing, lines.length), ...first].join(". ");
  }

  show(panel, said) {
    this.panel.replaceChildren(...panel);
    this.panel.classList.toggle("map-idle", !this.chosen);
    if (said) this.tell(said);
  }

  tell(text) {
    this.said.textContent = text;
  }

  expand(node) {
    const thing = this.data.things[node.data("number")];
    if (this.data.opened.includes(thing.key)) this.tell(say(this.words, "opened", { name: thing.label }));
    else open(this.data, thing);
  }

  // The arrow keys go along relations; what is reached is brought into view.
  walk(key) {
    const from = this.chosen?.isNode() ? this.chosen : null;
    let target = from ? null : this.cy.getElementById(`t${Math.max(this.data.centre, 0)}`);
    if (from) {
      const place = (node) => ({ ...node.position(), node });
      const found = next(key, from.position(), from.neighborhood("node").map(place), this.cy.nodes().map(place));
      target = found?.node;
    }
    if (!target || target.empty()) return;
    this.choose(target);
    this.reveal(target);
  }

  reveal(target) {
    const { x1, y1, x2, y2 } = this.cy.extent();
    const { x, y } = target.isNode() ? target.position() : target.midpoint();
    const [marginX, marginY] = [(x2 - x1) / 8, (y2 - y1) / 8];
    if (x < x1 + marginX || x > x2 - marginX || y < y1 + marginY || y > y2 - marginY) this.cy.center(target);
  }

  zoom(factor) {
    const middle = { x: this.cy.width() / 2, y: this.cy.height() / 2 };
    this.cy.zoom({ level: this.cy.zoom() * factor, renderedPosition: middle });
  }

  press(event) {
    const { key } = event;
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (isArrow(key)) this.walk(key);
    else if (key === "Enter" && this.chosen?.isNode()) this.expand(this.chosen);
    else if (key === "Escape" && this.chosen) this.choose(null);
    else if (key === "+" || key === "=") this.zoom(1.3);
    else if (key === "-") this.zoom(1 / 1.3);
    else if (key === "0") this.fit();
    else return;
    event.preventDefault();
  }

  async tool(name) {
    if (name === "closer") this.zoom(1.3);
    else if (name === "further") this.zoom(1 / 1.3);
    else if (name === "whole") this.fit();
    else {
      const save = name === "svg" ? saveSvg : savePng;
      const saved = await save(this.cy, this.data, this.dense);
      this.tell(say(this.words, "saved", { name: saved }));
    }
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
    this.root.addEventListener("map-loading", () => this.tell(this.words.loading));
    this.root.addEventListener("map-failed", () => this.tell(this.words.failed));
    dark.addEventListener("change", () => this.cy?.style(style(palette(), this.dense)));
    document.addEventListener("click", ({ target }) => {
      const button = target.closest("button[data-line]");
      if (!button) return;
      const edge = this.cy.getElementById(`r${button.dataset.line}`);
      this.choose(edge);
      this.approach(edge);
      this.canvas.focus();
      this.canvas.scrollIntoView({ block: "center" });
    });
  }
}

// A thing with its relations and what they lead to, or a relation with its ends.
function around(element) {
  return element.isNode() ? element.closedNeighborhood() : element.union(element.connectedNodes());
}

// A relation as the address has it.
function short(iri) {
  const [, path] = iri.split("/id/");
  return path ?? iri;
}
