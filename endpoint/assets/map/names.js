// Names on a map of very many things: as large on the screen from near as from afar, those of the
// things with the most relations first, and as many as have room where one looks.

import { LEADING, nameBox } from "./measure.js";

// At most so many names at once on the screen, in letters of so many pixels, and the room that each
// keeps free.
const MOST = 140;
const [SMALLEST, LARGEST] = [12.5, 18];
const [ASIDE, BELOW] = [6, 3];
// Names are looked for by the cells of the screen that they are over.
const CELL = 64;

// Write the names that have room now; what is selected comes first.
export function spellNames(cy, family) {
  const [width, height] = [cy.width(), cy.height()];
  const window = { x: cy.pan().x, y: cy.pan().y, zoom: cy.zoom(), width, height };
  const { x1, y1, x2, y2 } = cy.extent();
  const seen = cy.nodes().filter((node) => {
    const { x, y } = node.position();
    return x > x1 && x < x2 && y > y1 && y < y2;
  });
  write(cy, named(seen, window, family, MOST), window.zoom);
}

// Write the names that have room on a picture of the whole, `zoom` times as large as the map.
export function spellPicture(cy, family, zoom) {
  write(cy, pictured(cy, family, zoom), zoom);
}

// Those names: { node, size, lines, aside }, in the pixels of the picture.
export function pictured(cy, family, zoom) {
  const { x1, y1, w } = cy.elements().boundingBox({ includeLabels: false });
  return named(cy.nodes(), { x: -x1 * zoom, y: -y1 * zoom, zoom, width: w * zoom, height: Infinity }, family);
}

function write(cy, names, zoom) {
  const written = new Set(names.map(({ node }) => node));
  cy.batch(() => {
    cy.nodes(".named").forEach((node) => node.toggleClass("named", written.has(node)));
    for (const { node, size, lines, aside } of names) {
      node.data({ size: size / zoom, written: lines.join("\n"), aside: aside / zoom });
      node.addClass("named");
    }
  });
}

function named(nodes, window, family, most = Infinity) {
  const taken = new Map();
  const found = [];
  for (const node of byWeight(nodes)) {
    if (found.length === most) break;
    const size = letters(node);
    const { lines, width } = nameBox(node.data("label"), size, family);
    const half = width / 2 + ASIDE;
    const { x, y } = node.position();
    const across = x * window.zoom + window.x;
    // At the edge a name stands aside of its dot, whole.
    const middle = Math.max(half, Math.min(window.width - half, across));
    const top = y * window.zoom + window.y + (node.data("height") / 2 + BELOW) * window.zoom;
    const bottom = top + lines.length * size * LEADING;
    const box = { left: middle - half, right: middle + half, top, bottom };
    if (Math.abs(middle - across) > half || bottom > window.height || collides(taken, box)) continue;
    keep(taken, box);
    found.push({ node, size, lines, aside: middle - across });
  }
  return found;
}

function byWeight(nodes) {
  const weight = (node) => (node.hasClass("chosen") ? 1e6 : 0) + (node.hasClass("near") ? 1e5 : 0) + node.data("degree");
  return [...nodes].map((node) => [weight(node), node]).sort(([a], [b]) => b - a).map(([, node]) => node);
}

function letters(node) {
  return Math.min(SMALLEST + Math.sqrt(Math.max(node.data("degree") - 3, 0)), LARGEST);
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
