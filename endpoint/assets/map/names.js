// Names on a map of very many things: as large on the screen from near as from afar, those of the
// things with the most relations first, and as many as have room where one looks.

import { nameWidth } from "./measure.js";

// At most so many names at once, in letters of so many pixels, and the room that each keeps free.
const MOST = 140;
const [SMALLEST, LARGEST] = [12.5, 18];
const [ASIDE, BELOW, LEADING] = [6, 3, 1.25];
// Names are looked for by the cells of the screen that they are over.
const CELL = 64;

// Write the names that have room now; what is selected comes first.
export function spellNames(cy, family) {
  const zoom = cy.zoom();
  const taken = new Map();
  const named = new Set();
  for (const node of candidates(cy)) {
    if (named.size === MOST) break;
    const size = letters(node);
    const box = place(node, size, zoom, family);
    if (collides(taken, box)) continue;
    keep(taken, box);
    named.add(node);
    node.data("size", size / zoom);
  }
  cy.batch(() => {
    cy.nodes(".named").forEach((node) => node.toggleClass("named", named.has(node)));
    for (const node of named) node.addClass("named");
  });
}

function candidates(cy) {
  const { x1, y1, x2, y2 } = cy.extent();
  const seen = cy.nodes().filter((node) => {
    const { x, y } = node.position();
    return x > x1 && x < x2 && y > y1 && y < y2;
  });
  const weight = (node) => (node.hasClass("chosen") ? 1e6 : 0) + (node.hasClass("near") ? 1e5 : 0) + node.data("degree");
  return [...seen].map((node) => [weight(node), node]).sort(([a], [b]) => b - a).map(([, node]) => node);
}

function letters(node) {
  return Math.min(SMALLEST + Math.sqrt(Math.max(node.data("degree") - 3, 0)), LARGEST);
}

// On the screen, under its dot.
function place(node, size, zoom, family) {
  const { x, y } = node.renderedPosition();
  const half = nameWidth(node.data("label"), size, family) / 2 + ASIDE;
  const top = y + (node.data("height") / 2 + BELOW) * zoom;
  return { left: x - half, right: x + half, top, bottom: top + size * LEADING };
}

function collides(taken, box) {
  return cells(box).some((cell) =>
    (taken.get(cell) ?? []).some(
      (other) => box.left < other.right && other.left < box.right && box.top < other.bottom && other.top < box.bottom,
    ),
  );
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
