// Where things stand. The same relations in the same order give the same places, whatever was shown
// before: chance is drawn from a fixed seed, and each step is laid out around the ones before it.

const SEED = 20161;
const GAP = 36;
// Boxes are this far from each other at least; so many rounds part all but the worst heaps.
const [ACROSS, DOWN] = [40, 28];
const ROUNDS = 80;
const PUSHES = 10_000_000;
const CORNERS = 90;
// About the width of a letter of a verb.
const LETTER = 6.5;
// A hub keeps the things that hang on it alone around itself, when there are many.
const LEAF = 19;
const SPIRAL = Math.PI * (3 - Math.sqrt(5));

// Places of all things of a graph: { t0: { x, y }, … }. `when` is the step of each thing.
export function places(cy, when, dense) {
  // With few things there is room for the verbs between them; many are to be seen at once.
  const length = Math.max(80, 190 - 3 * cy.nodes().length);
  return seeded(() => {
    const parts = cy.elements().components();
    const laid = parts.map((part) => ({
      found: component(part, when, dense, length),
      sizes: at(part.nodes(), (node) => [node.data("width"), node.data("height")]),
    }));
    return packed(laid, cy.width() / Math.max(cy.height(), 1));
  });
}

function component(part, when, dense, length) {
  const nodes = part.nodes();
  if (nodes.length === 1) return at(nodes, () => ({ x: 0, y: 0 }));
  if (dense) return withLeaves(part);
  const last = Math.max(...nodes.map((node) => when[node.data("number")]));
  let found = {};
  for (let step = 0; step <= last; step += 1) {
    const here = nodes.filter((node) => when[node.data("number")] <= step);
    const fresh = here.filter((node) => !found[node.id()]);
    if (!fresh.length) continue;
    const shown = here.union(part.edges().filter((edge) => here.has(edge.source()) && here.has(edge.target())));
    found = { ...found, ...arranged(shown, found, (edge) => Math.max(length, forVerb(edge))) };
  }
  return found;
}

// One run of the layout over a part, in which what has a place keeps it.
function arranged(part, found, length, boxes = true) {
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
      quality: boxes ? "proof" : "default",
      // The page must not stand still: many things are laid out in fewer rounds.
      numIter: boxes ? 2500 : Math.round(Math.min(400, 30000 / nodes.length)),
      nodeSeparation: 60,
      nodeRepulsion: boxes ? 4500 : 20000,
      idealEdgeLength: length,
      packComponents: false,
    })
    .run();
  const placed = at(nodes, (node) => ({ ...node.position() }));
  apart(nodes, placed);
  return placed;
}

// Boxes that still overlap are pushed apart, the shorter way.
function apart(nodes, placed) {
  const boxes = nodes.map((node) => ({
    at: placed[node.id()],
    width: node.data("width") + ACROSS,
    height: node.data("height") + DOWN,
  }));
  const rounds = Math.min(ROUNDS, Math.ceil(PUSHES / boxes.length ** 2));
  let moved = true;
  for (let round = 0; moved && round < rounds; round += 1) {
    moved = false;
    for (let nth = 0; nth < boxes.length; nth += 1) {
      for (let other = nth + 1; other < boxes.length; other += 1) {
        if (push(boxes[nth], boxes[other])) moved = true;
      }
    }
  }
}

function push(one, other) {
  const [x, y] = [other.at.x - one.at.x, other.at.y - one.at.y];
  const across = (one.width + other.width) / 2 - Math.abs(x);
  const down = (one.height + other.height) / 2 - Math.abs(y);
  if (across <= 0.5 || down <= 0.5) return false;
  const [axis, by] = across < down ? ["x", across * (x < 0 ? -1 : 1)] : ["y", down * (y < 0 ? -1 : 1)];
  one.at[axis] -= by / 2;
  other.at[axis] += by / 2;
  return true;
}

// The room that a verb needs on its line.
function forVerb(edge) {
  return LETTER * Math.min(edge.data("verb").length, 24) + 45;
}

// A new thing starts beside one it is related to.
function nearby(node, found) {
  const known = node.neighborhood("node").filter((other) => found[other.id()]);
  const around = known.empty() ? { x: 0, y: 0 } : found[known[0].id()];
  const turn = SPIRAL * node.data("number");
  return { x: around.x + 160 * Math.cos(turn), y: around.y + 160 * Math.sin(turn) };
}

// With many things: those that have one neighbour stand around it like seeds, the rest is laid out.
function withLeaves(part) {
  const nodes = part.nodes();
  const leaves = nodes.filter((node) => neighbours(node).length === 1 && neighbours(neighbours(node)[0]).length > 1);
  const core = nodes.difference(leaves);
  const radius = new Map();
  core.forEach((node) => {
    const held = neighbours(node).intersection(leaves).length;
    radius.set(node.id(), node.width() / 2 + LEAF * Math.sqrt(held));
  });
  const size = (node) => radius.get(node.id());
  const widths = at(core, (node) => [node.data("width"), node.data("height")]);
  core.forEach((node) => node.data({ width: 2 * size(node), height: 2 * size(node) }));
  const inner = core.union(part.edges().filter((edge) => core.has(edge.source()) && core.has(edge.target())));
  const found = core.length > 1 ? arranged(inner, {}, (edge) => 30 + size(edge.source()) + size(edge.target()), false) : at(core, () => ({ x: 0, y: 0 }));
  core.forEach((node) => node.data({ width: widths[node.id()][0], height: widths[node.id()][1] }));
  core.forEach((node) => seeds(node, neighbours(node).intersection(leaves), found));
  return found;
}

function seeds(hub, leaves, found) {
  const { x, y } = found[hub.id()];
  const start = hub.data("width") / 2;
  leaves.forEach((leaf, nth) => {
    const away = start + LEAF * Math.sqrt(nth + 1);
    found[leaf.id()] = { x: x + away * Math.cos(nth * SPIRAL), y: y + away * Math.sin(nth * SPIRAL) };
  });
}

function neighbours(node) {
  return node.neighborhood("node");
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
