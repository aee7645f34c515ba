// The drawing of the map: made, framed, and lit around what is selected.

import cytoscape from "cytoscape";
import fcose from "cytoscape-fcose";

import { palette, style } from "./look.js";
import { dotted } from "./graph.js";
import { spellBeside } from "./names.js";
import { holdStill } from "./still.js";
import { boxVerbs, writeVerbs } from "./verbs.js";

cytoscape.use(fcose);
const PADDING = 30;
const NEAREST = 1.15;
// A window of so many pixels is small; from how near the letters of boxes are just read, and well.
const [SMALL, LEGIBLE, WELL] = [560, 0.6, 0.7];
// Nearer than this the names in boxes are read, if barely.
const FAR = 0.45;
// From there, how wide their dots are in pixels, of what those of very many things are, and lines.
const [DOT, LINE] = [0.6, 1.25];
// Pixels that the name of the lowest dot takes.
const NAME = 30;
// Milliseconds without a movement after which names are written anew.
const REST = 120;

export function created(container, dense) {
  const cy = cytoscape({
    container,
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
  if (dense) holdStill(cy);
  let [resting, zoom] = [0, cy.zoom()];
  cy.on("viewport", () => {
    const near = !dense && Math.min(zoom, cy.zoom()) >= FAR;
    zoom = cy.zoom();
    if (near) return;
    clearTimeout(resting);
    resting = setTimeout(() => spell(cy, dense), REST);
  });
  cy.on("destroy", () => clearTimeout(resting));
  return cy;
}

// All of it, but no larger than the page's own letters. Names of dots are written for what is seen
// and so take no room of their own.
export function fit(cy, dense) {
  frame(cy, cy.elements(), { under: dense ? NAME : 0 });
}

// In a small window in which the letters of all boxes could not be read: the centre, and what is
// around it as far as there is room.
export function fitLegibly(cy, dense) {
  fit(cy, dense);
  const centre = cy.nodes("[centre = 1]");
  if (dense || cy.width() > SMALL || cy.zoom() >= LEGIBLE || centre.empty()) return;
  const near = around(centre).boundingBox({ includeLabels: false });
  const { x, y } = centre.position();
  cy.zoom(WELL);
  cy.pan({ x: towards(x, near.x1 + near.w / 2, cy.width()), y: towards(y, near.y1 + near.h / 2, cy.height()) });
}

// Where the map's zero stands in a window so wide that shows `place`, and as much as it can of what
// has its middle `beyond`.
function towards(place, beyond, length) {
  const most = length / WELL / 3;
  const middle = place + Math.max(-most, Math.min(most, beyond - place));
  return length / 2 - middle * WELL;
}

// Show an element from near, with what it is related to; `over` pixels at the right are covered.
export function approach(cy, element, over) {
  frame(cy, around(element), { over });
}

// `over` pixels at the right and `under` at the bottom are kept free.
function frame(cy, elements, { over = 0, under = 0 }) {
  const { x1, y1, w, h } = elements.boundingBox({ includeLabels: false });
  const [width, height] = [cy.width() - over, cy.height() - under];
  const edge = cy.width() > SMALL ? PADDING : PADDING / 2;
  const room = (length) => length - 2 * edge;
  const zoom = Math.min(room(width) / w, room(height) / h, NEAREST);
  cy.viewport({
    zoom,
    pan: { x: width / 2 - (x1 + w / 2) * zoom, y: height / 2 - (y1 + h / 2) * zoom },
  });
}

// What is selected stands out with what is around it.
export function light(cy, element) {
  const near = element && around(element);
  cy.batch(() => {
    cy.elements().removeClass("chosen near faded");
    if (!element) return;
    cy.elements().difference(near).addClass("faded");
    near.addClass("near");
    element.addClass("chosen");
  });
}

// What is written on the map where it stands now. From so far that the names in their boxes could not
// be read, as many as have room stand beside them; so do those of dots.
export function spell(cy, dense) {
  const { serif, sans } = palette();
  const far = dense || cy.zoom() < FAR;
  if (!dense) withdraw(cy, far);
  if (far) spellBeside(cy, { serif, sans });
  else spellWithin(cy, sans);
}

// The map as from near: all names in their boxes.
export function spellWithin(cy, sans) {
  withdraw(cy, false);
  writeVerbs(cy, boxVerbs(cy, sans));
}

// From afar boxes are dots, as large on the screen from wherever one looks, and lines as thick.
function withdraw(cy, far) {
  const zoom = cy.zoom();
  cy.batch(() => {
    cy.elements().toggleClass("far", far);
    if (!far) return;
    cy.nodes().forEach((node) => node.data("across", (DOT * dotted(node.data("degree"))) / zoom));
    cy.edges().data("thick", LINE / zoom);
  });
}

// A thing with its relations and what they lead to, or a relation with its ends.
function around(element) {
  return element.isNode() ? element.closedNeighborhood() : element.union(element.connectedNodes());
}
