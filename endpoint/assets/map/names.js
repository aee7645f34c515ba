// Names beside their things, on a map of very many things and on any seen from afar: always as large on
// the screen, those of the things with the most relations first, as many as have room where one looks.
// Then the verbs.

import { LEADING, nameBox } from "./measure.js";
import { dotVerbs, writeVerbs } from "./verbs.js";

// At most so many names at once on the screen, in letters of so many pixels, and the room that each
// keeps free.
const MOST = 140;
const [SMALLEST, LARGEST] = [12.5, 18];
const [ASIDE, BESIDE] = [6, 3];
// Names are looked for by the cells of the screen that they are over.
const CELL = 64;
// A thing with so many relations has its name in any case, be it over dots.
const HUB = 4;

// Write the names and verbs that have room now; what is selected comes first.
export function spellBeside(cy, families) {
  const [width, height] = [cy.width(), cy.height()];
  const window = { x: cy.pan().x, y: cy.pan().y, zoom: cy.zoom(), width, height };
  const { x1, y1, x2, y2 } = cy.extent();
  const seen = cy.nodes().filter((node) => {
    const { x, y } = node.position();
    return x > x1 && x < x2 && y > y1 && y < y2;
  });
  write(cy, placed(seen, window, families, MOST), window.zoom);
}

// Write those that have room on a picture of the whole, `zoom` times as large as the map.
export function spellPicture(cy, families, zoom) {
  write(cy, pictured(cy, families, zoom), zoom);
}

// Those names and verbs: { node, size, lines, aside, under }, in the pixels of the picture, and the
// verbs as verbs.js gives them.
export function pictured(cy, families, zoom) {
  const { x1, y1, w } = cy.elements().boundingBox({ includeLabels: false });
  return placed(cy.nodes(), { x: -x1 * zoom, y: -y1 * zoom, zoom, width: w * zoom, height: Infinity }, families);
}

function placed(nodes, window, { serif, sans }, most = Infinity) {
  const names = named(nodes, window, serif, most);
  const boxes = names.map(({ box: { left, right, top, bottom } }) => ({
    at: { x: (left + right) / 2, y: (top + bottom) / 2 },
    width: right - left,
    height: bottom - top,
  }));
  const edges = nodes.edgesWith(nodes).not(".faded");
  return { names, verbs: dotVerbs(edges, nodes, window, boxes, sans) };
}

function write(cy, { names, verbs }, zoom) {
  const written = new Set(names.map(({ node }) => node));
  cy.batch(() => {
    cy.nodes(".named").forEach((node) => node.toggleClass("named", written.has(node)));
    for (const { node, size, lines, aside, under } of names) {
      node.data({ letters: size / zoom, written: lines.join("\n"), aside: aside / zoom, under: under / zoom });
      node.addClass("named");
    }
  });
  writeVerbs(cy, verbs);
}

function named(nodes, window, family, most = Infinity) {
  const dots = new Map();
  for (const node of nodes) keep(dots, dotBox(node, window));
  const taken = new Map();
  const found = [];
  for (const node of byWeight(nodes)) {
    if (found.length === most) break;
    const name = place(node, window, family, { dots, taken });
    if (!name) continue;
    keep(taken, name.box);
    found.push(name);
  }
  return found;
}

// The name of a dot in the first place around it that is free: under it, over it, right, left; that
// of a hub is over other dots rather than nowhere, over as few as can be. Null where there is no room.
function place(node, window, family, { dots, taken }) {
  const size = letters(node);
  const { lines, width } = nameBox(node.data("name"), size, family);
  const dot = dotBox(node, window);
  const sides = around(dot, width + 2 * ASIDE, lines.length * size * LEADING, window.width).filter(
    (box) => box.left >= 0 && box.right <= window.width && box.top >= 0 && box.bottom <= window.height && !met(taken, box),
  );
  const most = node.data("degree") >= HUB || node.hasClass("chosen") ? Infinity : 0;
  const [least] = sides.map((box) => ({ box, over: met(dots, box, dot) })).sort((one, other) => one.over - other.over);
  if (!least || least.over > most) return null;
  const { box } = least;
  const aside = (box.left + box.right) / 2 - (dot.left + dot.right) / 2;
  return { node, size, lines, box, aside, under: box.top - dot.bottom };
}

// At the edge of the window a name under or over its dot stands aside of it, whole.
function around(dot, width, tall, most) {
  const across = (dot.left + dot.right) / 2;
  const middle = Math.max(width / 2, Math.min(most - width / 2, across));
  const level = (dot.top + dot.bottom - tall) / 2;
  const under = Math.abs(middle - across) <= width / 2 ? [middle - width / 2] : [];
  return [
    ...under.map((left) => [left, dot.bottom + BESIDE]),
    ...under.map((left) => [left, dot.top - BESIDE - tall]),
    [dot.right, level],
    [dot.left - width, level],
  ].map(([left, top]) => ({ left, right: left + width, top, bottom: top + tall }));
}

function dotBox(node, { x, y, zoom }) {
  const at = node.position();
  const [across, down] = [at.x * zoom + x, at.y * zoom + y];
  const half = (node.data("across") * zoom) / 2;
  return { left: across - half, right: across + half, top: down - half, bottom: down + half };
}

function byWeight(nodes) {
  const weight = (node) => (node.hasClass("chosen") ? 1e6 : 0) + (node.hasClass("near") ? 1e5 : 0) + node.data("degree");
  return [...nodes].map((node) => [weight(node), node]).sort(([a], [b]) => b - a).map(([, node]) => node);
}

function letters(node) {
  return Math.min(SMALLEST + Math.sqrt(Math.max(node.data("degree") - 3, 0)), LARGEST);
}

// How many of those that are kept a box is over, its own not counted.
function met(taken, box, own = null) {
  const over = (other) =>
    box.left < other.right && other.left < box.right && box.top < other.bottom && other.top < box.bottom;
  const found = new Set(cells(box).flatMap((cell) => (taken.get(cell) ?? []).filter(over)));
  return [...found].filter((other) => !own || other.left !== own.left || other.top !== own.top).length;
}

function keep(taken, box) {
  for (const cell of cells(box)) taken.set(cell, [...(taken.get(cell) ?? []), box]);
}

function cells({ left, right, top, bottom }) {
  const found = [];
  for (let x = Math.floor(left / CELL); x <= right / CELL; x += 1) {
    for (let y = Math.floor(top / CELL); y <= bottom / CELL; y += 1) found.push(`${x},${y}`);
  }
  return found;
}
