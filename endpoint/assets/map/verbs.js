// Where the verbs are written: each beside its line, wherever along it there is room.
//
// One that would run under a box, a dot or a name, or over another verb, is left out: it shows once
// its thing or its relation is selected or one comes nearer, and always in the table.

import { VERB, verbWidth } from "./measure.js";
import { alongside, legible, reach } from "./room.js";

// On a map of dots, in letters of so many pixels, where no more lines than this are seen at once.
const [SMALL, MOST] = [11, 400];
// Steps of this part of the whole come by everywhere.
const SPREAD = Math.SQRT2 - 1;

// The verbs between boxes: Map(edge, { x, y, angle, size }) in the measures of the map.
export function boxVerbs(cy, family) {
  const lines = bySay(cy.edges().not(".faded")).map((edge) => {
    const [from, to, middle] = [edge.sourceEndpoint(), edge.targetEndpoint(), edge.midpoint()];
    const bend = edge.controlPoints()?.[0];
    return { edge, same: same(edge), places: alongside({ from, to, middle, bend }, verbWidth(edge.data("verb"), VERB, family)) };
  });
  const boxes = cy.nodes().not(".faded").map((node) => ({ at: node.position(), width: node.data("width"), height: node.data("height") }));
  return found(lines, boxes, { x: 0, y: 0, zoom: 1 }, VERB);
}

// The verbs between dots that are no longer on the screen than their lines: the same. `window` has where
// the map's zero stands and its zoom; `names` are the boxes of the names on it.
export function dotVerbs(edges, nodes, window, names, family) {
  const { zoom } = window;
  if (edges.length > MOST) return new Map();
  const on = ({ x, y }) => ({ x: x * zoom + window.x, y: y * zoom + window.y });
  const dot = (node) => ({ at: on(node.position()), width: node.data("across") * zoom, height: node.data("across") * zoom });
  const lines = bySay(edges).flatMap((edge) => {
    const width = verbWidth(edge.data("verb"), SMALL, family);
    const [from, to] = ends(dot(edge.source()), dot(edge.target()));
    if (Math.hypot(to.x - from.x, to.y - from.y) < width) return [];
    const middle = { x: (from.x + to.x) / 2, y: (from.y + to.y) / 2 };
    return [{ edge, same: same(edge), places: alongside({ from, to, middle }, width) }];
  });
  return found(lines, [...nodes.map(dot), ...names], window, SMALL);
}

// Write them. The library turns a verb along its line, but moves it from the middle across and down.
export function writeVerbs(cy, verbs) {
  cy.batch(() => {
    cy.edges(".written").forEach((edge) => edge.toggleClass("written", verbs.has(edge)));
    for (const [edge, { x, y, size }] of verbs) {
      const middle = edge.midpoint();
      edge.data({ aside: x - middle.x, above: y - middle.y, letters: size });
      edge.addClass("written");
    }
  });
}

// Where those that have room stand, in the measures of the map.
function found(lines, boxes, { x, y, zoom }, size) {
  return new Map(
    legible(lines, boxes).map(({ line, place }) => [
      line.edge,
      { x: (place.x - x) / zoom, y: (place.y - y) / zoom, angle: place.angle, size: size / zoom },
    ]),
  );
}

// What is selected first, then what documents describe, then the facts of registers; those that follow
// each other on the map do not follow each other here, so that a verb is written on all sides.
function bySay(edges) {
  const rank = (edge) => (edge.hasClass("chosen") ? 0 : 1 + edge.data("fact"));
  const order = [...edges].map((edge, nth) => [rank(edge) + ((nth * SPREAD) % 1), edge]);
  return order.sort(([one], [other]) => one - other).map(([, edge]) => edge);
}

// What a line says of the one of its ends that has more relations.
function same(edge) {
  const [one, other] = [edge.source(), edge.target()];
  const hub = one.data("degree") > other.data("degree") ? one : other;
  return `${edge.data("verb")}\n${hub.id()}`;
}

// Both ends of a line, at the edges of what it joins.
function ends(one, other) {
  const far = Math.hypot(other.at.x - one.at.x, other.at.y - one.at.y) || 1;
  const [x, y] = [(other.at.x - one.at.x) / far, (other.at.y - one.at.y) / far];
  const [near, end] = [reach(one, x, y), reach(other, x, y)];
  return [
    { x: one.at.x + x * near, y: one.at.y + y * near },
    { x: other.at.x - x * end, y: other.at.y - y * end },
  ];
}
