// What the reader moves: things by hand, and the view. It is noted in the address once it rests.

import { arranged } from "./address.js";
import { MOST, isArrangement, mark, read, untouched, written } from "./arrangement.js";

// Milliseconds without a movement after which the view rests.
const REST = 250;
// How far one press moves: a thing on the map, the view in pixels.
const [THING_STEP, VIEW_STEP] = [24, 80];
const WAYS = { left: [-1, 0], up: [0, -1], right: [1, 0], down: [0, 1] };

export class Arranging {
  // `map` has tell(key, values), arranged() for when something changed, and frame(), which shows
  // what is selected or the whole.
  constructor(map) {
    this.map = map;
    this.now = untouched();
    this.resting = 0;
    addEventListener("hashchange", () => this.laid && isArrangement(location.hash) && this.again());
  }

  // The map whose movements are noted.
  watch(cy) {
    this.cy = cy;
    this.laid = null;
    cy.on("dragfree", "node", ({ target }) => this.put(target));
    cy.on("dragpan scrollzoom pinchzoom", () => {
      clearTimeout(this.resting);
      this.resting = setTimeout(() => this.keep(), REST);
    });
    // The window has another size: what was seen is seen still.
    cy.on("resize", () => this.laid && this.show());
  }

  // Read the address: what it says of the places of another map, and of the window it was made in.
  start() {
    clearTimeout(this.resting);
    try {
      this.now = read(location.hash);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      this.now = untouched();
      return "unreadable";
    }
    return "";
  }

  // The window that the map is laid out for, so that a shared address shows the same picture.
  get ratio() {
    const { view } = this.now;
    return view ? view.w / view.h : this.cy.width() / Math.max(this.cy.height(), 1);
  }

  // Where things stand: `laid` by the layout, then moved. `keys` are those of the things by id.
  places(laid, keys) {
    [this.laid, this.keys] = [laid, keys];
    return Object.fromEntries(Object.keys(laid).map((id) => [id, this.place(id)]));
  }

  place(id) {
    const [x, y] = this.now.moved.get(mark(this.keys[id])) ?? [0, 0];
    return { x: this.laid[id].x + x, y: this.laid[id].y + y };
  }

  // Note where a thing was put, as the address can say it: in whole steps from its own place.
  put(node) {
    const id = node.id();
    const { x, y } = node.position();
    const by = [x - this.laid[id].x, y - this.laid[id].y].map(Math.round);
    const name = mark(this.keys[id]);
    this.now.moved.delete(name);
    if (by.some(Boolean)) this.now.moved.set(name, by);
    node.position(this.place(id));
    this.keep();
    const count = this.now.moved.size;
    if (count > MOST) this.map.tell("too_many", { count, most: MOST });
  }

  // One step: of what is selected, else of what is seen.
  step(way, thing) {
    const [x, y] = WAYS[way];
    if (!thing) {
      this.cy.panBy({ x: -x * VIEW_STEP, y: -y * VIEW_STEP });
      this.keep();
      return;
    }
    const from = thing.position();
    thing.position({ x: from.x + x * THING_STEP, y: from.y + y * THING_STEP });
    this.put(thing);
  }

  zoom(factor) {
    const middle = { x: this.cy.width() / 2, y: this.cy.height() / 2 };
    this.cy.zoom({ level: this.cy.zoom() * factor, renderedPosition: middle });
    this.keep();
  }

  // Note what is seen now.
  keep() {
    clearTimeout(this.resting);
    const { x1, y1, w, h } = this.cy.extent();
    this.now.view = { x: x1 + w / 2, y: y1 + h / 2, w, h };
    this.note();
  }

  // What is seen follows again from what is selected, or is the whole.
  follow() {
    clearTimeout(this.resting);
    this.now.view = null;
    this.note();
    this.show();
  }

  // Everything back where the layout puts it.
  back() {
    this.now.moved.clear();
    this.follow();
    this.replace();
    this.show();
  }

  // The address was changed by hand.
  again() {
    const fault = this.start();
    this.replace();
    this.show();
    if (fault) this.map.tell(fault);
  }

  replace() {
    this.cy.batch(() => this.cy.nodes().forEach((node) => node.position(this.place(node.id()))));
    this.map.arranged();
  }

  note() {
    arranged(written(this.now));
    this.map.arranged();
  }

  get touched() {
    return this.now.moved.size > 0;
  }

  // The same part of the map, in whatever window.
  show() {
    const { view } = this.now;
    if (!view) return this.map.frame();
    const [width, height] = [this.cy.width(), this.cy.height()];
    const zoom = Math.min(width / view.w, height / view.h);
    this.cy.viewport({ zoom, pan: { x: width / 2 - view.x * zoom, y: height / 2 - view.y * zoom } });
  }
}
