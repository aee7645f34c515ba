// Where things stand. The same relations in the same order give the same places, whatever was shown
// before: chance is drawn from a fixed seed, and each step is laid out around the ones before it.

import { beyond, crowded, middleOf, sortAround, star, widened } from "./hubs.js";
import { clear, stretch } from "./room.js";

const SEED = 20161;
const GAP = 36;
// Boxes are this far from each other at least; so many rounds part all but the worst heaps.
const [ACROSS, DOWN] = [40, 28];
const ROUNDS = 80;
const PUSHES = 10_000_000;
const CORNERS = 90;
// About the width of a letter of a verb, and of the longest that its line makes room for.
const [LETTER, LONGEST] = [7, 34];
// So many hubs push each other apart; fewer stay close, so that the whole is seen large.
const MANY = 300;
// A hub keeps the things that hang on it alone around itself, when there are many.
const [LEAF, LOOSE, CROWD] = [19, 46, 1000];
const SPIRAL = Math.PI * (3 - Math.sqrt(5));

// Places of all things of a graph: { t0: { x, y }, … }. `when` is the step of each thing; `ratio` is
// of the width to the height in which they are to be seen.
export function places(cy, when, dense, ratio) {
  // With few things there is room for the verbs between them; many are to be seen at once.
  const length = Math.max(80, 190 - 3 * cy.nodes().length);
  const wanted = { length, upright: ratio < 1, ratio };
  return seeded(() => {
    const parts = cy.elements().components();
    const laid = parts.map((part) => ({
      found: component(part, when, dense, wanted),
      sizes: at(part.nodes(), (node) => [node.data("width"), node.data("height")]),
    }));
    return packed(laid, ratio);
  });
}

function component(part, when, dense, wanted) {
  const nodes = part.nodes();
  if (nodes.length === 1) return at(nodes, () => ({ x: 0, y: 0 }));
  if (dense) return withLeaves(part, wanted.ratio);
  const last = Math.max(...nodes.map((node) => when[node.data("number")]));
  let [found, middle] = [{}, null];
  for (let step = 0; step <= last; step += 1) {
    const here = nodes.filter((node) => when[node.data("number")] <= step);
    const fresh = here.filter((node) => !found[node.id()]);
    if (!fresh.length) continue;
    const shown = here.union(part.edges().filter((edge) => here.has(edge.source()) && here.has(edge.target())));
    const { verb, ideal } = lengths(wanted.length);
    const first = fresh.length === here.length;
    if (first && crowded(here)) middle = middleOf(shown);
    if (middle && first) found = star(middle, shown, wanted.ratio, Math.max(...shown.edges().map(verb)));
    else if (middle) found = { ...found, ...beyond(middle, shown, fresh, found, wanted.ratio) };
    else found = { ...found, ...arranged(shown, found, { ideal, verb }, wanted.upright) };
  }
  return found;
}

// How long the lines between boxes are to be, with the room for their verbs.
function lengths(length) {
  const verb = (edge) => LETTER * Math.min(edge.data("verb").length, LONGEST);
  return { verb, ideal: (edge) => Math.max(length, verb(edge) + 45) };
}

// One run of the layout over a part, in which what has a place keeps it. Without `verb` it is of
// many dots, else of boxes.
function arranged(part, found, { ideal, verb }, upright = false) {
  const nodes = part.nodes();
  const known = nodes.filter((node) => found[node.id()]);
  nodes.forEach((node) => node.position(found[node.id()] ?? nearby(node, found)));
  part
    .layout({
      name: "fcose",
      animate: false,
      fit: false,
      // What stands already moves only as much as what is new needs.
      randomize: known.empty(),
      quality: verb ? "proof" : "default",
      // The page must not stand still: many things are laid out in fewer rounds.
      numIter: verb ? 2500 : Math.round(Math.min(400, 30000 / nodes.length)),
      nodeSeparation: 60,
      nodeRepulsion: verb ? 4500 : nodes.length > MANY ? 20000 : 1500,
      idealEdgeLength: ideal,
      packComponents: false,
    })
    .run();
  const placed = at(nodes, (node) => ({ ...node.position() }));
  if (upright && known.empty()) turn(placed);
  if (verb && known.empty() && crowded(nodes)) sortAround(part, placed);
  apart(part, placed, verb);
  return placed;
}

// What is wider than high stands up in a window that is higher than wide.
function turn(placed) {
  const [across, down] = ["x", "y"].map((axis) => {
    const every = Object.values(placed).map((place) => place[axis]);
    return Math.max(...every) - Math.min(...every);
  });
  if (across <= down) return;
  for (const place of Object.values(placed)) [place.x, place.y] = [place.y, place.x];
}

// Boxes that still overlap are pushed apart, the shorter way; with `verb`, so are those that leave
// no room for one.
function apart(part, placed, verb) {
  const found = new Map(
    part.nodes().map((node) => [
      node.id(),
      { at: placed[node.id()], width: node.data("width"), height: node.data("height") },
    ]),
  );
  const every = [...found.values()];
  const lines = !verb ? [] : part.edges().map((edge) => ({
    from: found.get(edge.source().id()),
    to: found.get(edge.target().id()),
    length: verb(edge),
  }));
  const rounds = Math.min(ROUNDS, Math.ceil(PUSHES / every.length ** 2));
  let moved = true;
  for (let round = 0; moved && round < rounds; round += 1) {
    moved = false;
    for (const line of lines) {
      if (line.from === line.to) continue;
      if (stretch(line)) moved = true;
      for (const box of every) if (clear(line, box)) moved = true;
    }
    // Last, for that boxes are apart matters most.
    for (let nth = 0; nth < every.length; nth += 1) {
      for (let other = nth + 1; other < every.length; other += 1) {
        if (push(every[nth], every[other])) moved = true;
      }
    }
  }
}

function push(one, other) {
  const [x, y] = [other.at.x - one.at.x, other.at.y - one.at.y];
  const across = (one.width + other.width) / 2 + ACROSS - Math.abs(x);
  const down = (one.height + other.height) / 2 + DOWN - Math.abs(y);
  if (across <= 0.5 || down <= 0.5) return false;
  const [axis, by] = across < down ? ["x", across * (x < 0 ? -1 : 1)] : ["y", down * (y < 0 ? -1 : 1)];
  one.at[axis] -= by / 2;
  other.at[axis] += by / 2;
  return true;
}

// A new thing starts beside one it is related to.
function nearby(node, found) {
  const known = node.neighborhood("node").filter((other) => found[other.id()]);
  const around = known.empty() ? { x: 0, y: 0 } : found[known[0].id()];
  const turn = SPIRAL * node.data("number");
  return { x: around.x + 160 * Math.cos(turn), y: around.y + 160 * Math.sin(turn) };
}

// With many things: those that have one neighbour stand around it like seeds, the rest is laid out.
function withLeaves(part, ratio) {
  const near = neighbours(part);
  const isLeaf = (node) => near.get(node.id()).size === 1 && near.get([...near.get(node.id())][0].id()).size > 1;
  const leaves = part.nodes().filter(isLeaf);
  const held = new Map(part.nodes().map((node) => [node.id(), []]));
  for (const leaf of leaves) held.get([...near.get(leaf.id())][0].id()).push(leaf);
  const core = part.nodes().difference(leaves);
  const leaf = part.nodes().length > CROWD ? LEAF : LOOSE;
  const radius = new Map();
  core.forEach((node) => radius.set(node.id(), node.width() / 2 + leaf * Math.sqrt(held.get(node.id()).length)));
  const size = (node) => radius.get(node.id());
  const widths = at(core, (node) => [node.data("width"), node.data("height")]);
  core.forEach((node) => node.data({ width: 2 * size(node), height: 2 * size(node) }));
  const inner = core.union(part.edges().filter((edge) => core.has(edge.source()) && core.has(edge.target())));
  const ideal = (edge) => 60 + size(edge.source()) + size(edge.target());
  const found = core.length > 1 ? arranged(inner, {}, { ideal }) : at(core, () => ({ x: 0, y: 0 }));
  core.forEach((node) => node.data({ width: widths[node.id()][0], height: widths[node.id()][1] }));
  // One hub alone takes the shape of the window.
  const wide = core.length > 1 ? 1 : widened(ratio);
  core.forEach((node) => seeds(node, held.get(node.id()), found, leaf, wide));
  return found;
}

function seeds(hub, leaves, found, leaf, wide) {
  const { x, y } = found[hub.id()];
  const start = hub.data("width") / 2;
  leaves.forEach((seed, nth) => {
    const away = start + leaf * Math.sqrt(nth + 1);
    found[seed.id()] = { x: x + away * wide * Math.cos(nth * SPIRAL), y: y + (away / wide) * Math.sin(nth * SPIRAL) };
  });
}

// What each thing of a part is related to, read off its relations once: a hub has hundreds.
function neighbours(part) {
  const found = new Map(part.nodes().map((node) => [node.id(), new Set()]));
  part.edges().forEach((edge) => {
    const [source, target] = [edge.source(), edge.target()];
    if (source === target) return;
    found.get(source.id()).add(target);
    found.get(target.id()).add(source);
  });
  return found;
}

// Parts that no relation joins, close together, the largest first, in the width at which the whole
// is seen largest.
function packed(parts, ratio) {
  const framed = parts.map(frame).sort((a, b) => b.width * b.height - a.width * a.height);
  const widest = Math.max(...framed.map(({ width }) => width));
  const total = framed.reduce((sum, { width }) => sum + width + GAP, 0);
  let best = null;
  for (let room = widest; room < 1.1 * total + widest; room *= 1.1) {
    const laid = within(framed, room);
    const size = Math.max(laid.width, laid.height * ratio);
    if (!best || size < best.size) best = { size, ...laid };
  }
  return best.found;
}

// Each part at the highest free corner of those before it.
function within(framed, room) {
  const result = { found: {}, width: 0, height: 0 };
  const taken = [];
  let free = [{ x: 0, y: 0 }];
  for (const { found, left, top, width, height } of framed) {
    const fits = ({ x, y }) =>
      x + width <= room &&
      !taken.some((one) => x < one.right && x + width + GAP > one.x && y < one.bottom && y + height + GAP > one.y);
    const low = { x: 0, y: result.height + GAP };
    const { x, y } = free.filter(fits).sort((a, b) => a.y - b.y || a.x - b.x)[0] ?? low;
    const box = { x, y, right: x + width + GAP, bottom: y + height + GAP };
    taken.push(box);
    free = [...free, { x: box.right, y }, { x, y: box.bottom }, { x: 0, y: box.bottom }].slice(-CORNERS);
    for (const [id, place] of Object.entries(found)) {
      result.found[id] = { x: place.x - left + x, y: place.y - top + y };
    }
    result.width = Math.max(result.width, x + width);
    result.height = Math.max(result.height, y + height);
  }
  return result;
}

function frame({ found, sizes }) {
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const [id, { x, y }] of Object.entries(found)) {
    const [width, height] = sizes[id];
    left = Math.min(left, x - width / 2);
    right = Math.max(right, x + width / 2);
    top = Math.min(top, y - height / 2);
    bottom = Math.max(bottom, y + height / 2);
  }
  return { found, left, top, width: right - left, height: bottom - top };
}

function at(nodes, value) {
  return Object.fromEntries(nodes.map((node) => [node.id(), value(node)]));
}

// Chance from a seed for as long as `make` runs. https://en.wikipedia.org/wiki/Linear_congruential_generator
function seeded(make) {
  const { random } = Math;
  let state = SEED;
  Math.random = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 4294967296;
  };
  try {
    return make();
  } finally {
    Math.random = random;
  }
}
