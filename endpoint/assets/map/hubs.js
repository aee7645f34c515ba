// Many things around one: those of one verb together, close to each other, in the shape of the window.

import { reach } from "./room.js";

// From so many things on; and from so many that hang on one thing alone.
const [MANY, HELD] = [24, 12];
// A star is as much wider than high as the window, or the reverse, but no more than this; and some
// more wide, for what is written runs across.
const [MOST_WIDE, WIDER] = [2, 1.1];
// Around a star: between boxes, and above and under its middle; how far a box is moved to find room,
// in pixels along its ray and in parts of its share of the turn.
const [ACROSS, DOWN, ABOVE, STEP] = [18, 14, 50, 8];
const SWINGS = [0, 0.5, -0.5, 1, -1, 2, -2, 3, -3];
// The turn between two things that come later around the same one, at most.
const FAN = 0.12;
const GOLDEN = (Math.sqrt(5) - 1) / 2;

// Whether there are as many as this is for.
export function crowded(nodes) {
  return nodes.length >= MANY;
}

// The thing on which all others of a part hang alone, null where there is none.
export function middleOf(part) {
  const nodes = part.nodes();
  const hubs = nodes.filter((node) => near(node, part).length > 1);
  return hubs.length === 1 && near(hubs[0], part).length === nodes.length - 1 ? hubs[0] : null;
}

// A star as near around its middle as there is room: each box on its ray, or a little aside. `room` is
// for the verb of a line, which runs across for the most frequent one.
export function star(hub, part, ratio, room) {
  const leaves = inOrder(hub, near(hub, part).toArray());
  const wide = widened(ratio);
  const share = (2 * Math.PI) / leaves.length;
  const start = -share * middleOfLargest(hub, leaves);
  const boxes = [boxOf(hub, { x: 0, y: 0 })];
  for (let nth = 0; nth < leaves.length; nth += 1) {
    // One here, one there, so that none takes all the room of its neighbours.
    const place = Math.floor(leaves.length * ((nth * GOLDEN) % 1));
    const leaf = nearest(leaves, place);
    boxes.push(settled(leaf.node, boxes, { turn: start + share * leaf.place, share, wide, room }));
  }
  return Object.fromEntries(boxes.map(({ id, at }) => [id, at]));
}

// What comes later onto the map, outward of what it is related to; the star stays as it is.
export function beyond(hub, part, fresh, known, ratio) {
  const wide = widened(ratio);
  const found = { ...known };
  const boxes = [boxOf(hub, found[hub.id()])];
  part.nodes().forEach((node) => node.same(hub) || !found[node.id()] || boxes.push(boxOf(node, found[node.id()])));
  let waiting = fresh.toArray();
  while (waiting.length) {
    const from = (node) => near(node, part).toArray().find((other) => found[other.id()]) ?? hub;
    const anchor = from(waiting.find((node) => !from(node).same(hub)) ?? waiting[0]);
    const some = waiting.filter((node) => from(node).same(anchor));
    const { x, y } = found[anchor.id()];
    const [turn, away] = [Math.atan2(y * wide, x / wide), Math.hypot(x / wide, y * wide)];
    const share = Math.min(FAN, (2 * Math.PI) / some.length);
    some.forEach((node, nth) => {
      const angle = turn + (nth - (some.length - 1) / 2) * share;
      const box = settled(node, boxes, { turn: angle, share, wide, room: 0, from: away });
      boxes.push(box);
      found[box.id] = box.at;
    });
    waiting = waiting.filter((node) => !found[node.id()]);
  }
  return found;
}

// How much wider a star is than a round one, in a window of this width to its height.
export function widened(ratio) {
  return Math.sqrt(WIDER * Math.min(MOST_WIDE, Math.max(1 / MOST_WIDE, ratio)));
}

// Of the leaves that are still to be placed the one nearest to a place; it is no longer among them.
function nearest(leaves, place) {
  for (let away = 0; ; away += 1) {
    for (const nth of [place + away, place - away]) {
      const node = leaves[nth];
      if (!node) continue;
      leaves[nth] = null;
      return { node, place: nth };
    }
  }
}

// The first free place outward from the middle, of those straight on its ray and a little aside.
function settled(node, boxes, { turn, share, wide, room, from = 0 }) {
  let best = null;
  for (const swing of SWINGS) {
    const angle = turn + swing * share;
    const [x, y] = [Math.cos(angle) * wide, Math.sin(angle) / wide];
    for (let away = from; !best || away < best.away; away += STEP) {
      const box = boxOf(node, { x: away * x, y: away * y });
      if (!free(box, boxes, room)) continue;
      best = { away, box };
      break;
    }
  }
  return best.box;
}

function free(box, [hub, ...others], room) {
  const far = Math.hypot(box.at.x, box.at.y) || 1;
  const [x, y] = [box.at.x / far, box.at.y / far];
  const wanted = room * Math.abs(x) + ABOVE * Math.abs(y);
  if (far - reach(hub, x, y) - reach(box, x, y) < wanted) return false;
  return others.every(
    (other) =>
      Math.abs(box.at.x - other.at.x) >= (box.width + other.width) / 2 + ACROSS ||
      Math.abs(box.at.y - other.at.y) >= (box.height + other.height) / 2 + DOWN,
  );
}

function boxOf(node, at) {
  return { id: node.id(), at, width: node.data("width"), height: node.data("height") };
}

// What hangs on one thing alone changes places, so that going around it one verb comes after the
// other, and within a verb the names in their order.
export function sortAround(part, placed) {
  const around = new Map();
  for (const leaf of part.nodes()) {
    const [hub, other] = near(leaf, part);
    if (hub && !other) around.set(hub, [...(around.get(hub) ?? []), leaf]);
  }
  for (const [hub, leaves] of around) if (leaves.length >= HELD) exchange(hub, leaves, placed);
}

function exchange(hub, leaves, placed) {
  const { x, y } = placed[hub.id()];
  const turn = (place) => Math.atan2(place.x - x, y - place.y);
  const places = leaves.map((leaf) => ({ ...placed[leaf.id()] })).sort((one, other) => turn(one) - turn(other));
  inOrder(hub, leaves).forEach((leaf, nth) => Object.assign(placed[leaf.id()], places[nth]));
}

function inOrder(hub, leaves) {
  const named = leaves.map((leaf) => [`${verbOf(hub, leaf)}\n${leaf.data("name")}`, leaf]);
  return named.sort(([one], [other]) => (one < other ? -1 : 1)).map(([, leaf]) => leaf);
}

function middleOfLargest(hub, leaves) {
  const groups = new Map();
  leaves.forEach((leaf, nth) => {
    const verb = verbOf(hub, leaf);
    groups.set(verb, [...(groups.get(verb) ?? []), nth]);
  });
  const [largest] = [...groups.values()].sort((one, other) => other.length - one.length);
  return (largest[0] + largest.at(-1)) / 2;
}

// The verb between a thing and what hangs on it, with the way it goes.
function verbOf(hub, leaf) {
  const edge = leaf.edgesWith(hub)[0];
  return `${edge.data("verb")}\n${edge.target().same(leaf) ? "to" : "from"}`;
}

// What a thing is related to in a part.
function near(node, part) {
  return node.neighborhood("node").intersection(part).not(node);
}
