// The drawing of the map: made, framed, and lit around what is selected.

import cytoscape from "cytoscape";
import fcose from "cytoscape-fcose";

import { palette, style } from "./look.js";
import { verbWidth } from "./measure.js";
import { spellNames } from "./names.js";
import { beside, legible } from "./room.js";
import { holdStill } from "./still.js";

cytoscape.use(fcose);
const PADDING = 30;
const NEAREST = 1.15;
// A window of so many pixels is small; from how near the letters of boxes are just read, and well.
const [SMALL, LEGIBLE, WELL] = [560, 0.6, 0.7];
// Pixels that the name of the lowest dot takes.
const NAME = 30;
const MOST_TOLD = 24;
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
  if (!dense) return cy;
  holdStill(cy);
  const spell = () => spellNames(cy, palette().serif);
  let resting = 0;
  cy.on("viewport", () => {
    clearTimeout(resting);
    resting = setTimeout(spell, REST);
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

// What is selected stands out with what is around it, and says its verbs.
export function light(cy, element) {
  const near = element && around(element);
  // Around a thing with very many relations their verbs would hide each other.
  const few = near && near.edges().length <= MOST_TOLD;
  const told = few ? withRoom(near.edges(), near.nodes()) : [];
  cy.batch(() => {
    cy.elements().removeClass("chosen near faded told");
    if (!element) return;
    cy.elements().difference(near).addClass("faded");
    near.addClass("near");
    for (const edge of told) edge.addClass("told");
    element.addClass("chosen");
  });
}

// What is written on the map where it stands now: on many dots their names, else the verbs.
export function spell(cy, dense) {
  if (dense) spellNames(cy, palette().serif);
  else spellVerbs(cy);
}

// The verbs that have room are written; one that would run under a box or over another verb shows
// once its thing or its relation is selected, and always in the table.
function spellVerbs(cy) {
  const lines = verbsOf(cy.edges());
  const written = new Set(legible(lines, boxesOf(cy.nodes())).map(({ edge }) => edge));
  cy.batch(() => {
    for (const { edge, middle, verb } of lines) {
      // The library turns a verb along its line, but moves it across and down.
      edge.data({ aside: verb.x - middle.x, above: verb.y - middle.y });
      edge.toggleClass("mute", !written.has(edge));
    }
  });
}

function withRoom(edges, nodes) {
  return legible(verbsOf(edges), boxesOf(nodes)).map(({ edge }) => edge);
}

function verbsOf(edges) {
  const { sans } = palette();
  return edges.map((edge) => {
    const middle = edge.midpoint();
    const width = verbWidth(edge.data("verb"), sans);
    return { edge, middle, verb: beside(middle, edge.sourceEndpoint(), edge.targetEndpoint(), width) };
  });
}

function boxesOf(nodes) {
  return nodes.map((node) => ({ at: node.position(), width: node.data("width"), height: node.data("height") }));
}

// A thing with its relations and what they lead to, or a relation with its ends.
function around(element) {
  return element.isNode() ? element.closedNeighborhood() : element.union(element.connectedNodes());
}
