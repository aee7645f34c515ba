// Room for the verbs on their lines: geometry alone, of boxes { at: { x, y }, width, height } and of
// lines { from, to, length }, where `length` is what the verb takes.

// Beside the verb, for the arrow; and around it.
const [ARROW, AROUND] = [30, 9];
// The verb stands this far from its line, and is so high.
const [BESIDE, HIGH] = [10, 12];
// How much of the way is made at once: what is pushed from several sides must come to rest.
const PUSH = 10;
const POINTS = [-1, -0.5, 0, 0.5, 1];

// The ends of a line go apart until the verb fits between them. Says if anything moved.
export function stretch(line) {
  const { from, to, length } = line;
  const [x, y, far] = way(from, to);
  const missing = length + ARROW - (far - reach(from, x, y) - reach(to, x, y));
  if (missing <= 1) return false;
  shift(from, x, y, -missing / 2);
  shift(to, x, y, missing / 2);
  return true;
}

// A box that a verb runs under is pushed off its line, and the line a little from it.
export function clear(line, box) {
  if (box === line.from || box === line.to) return false;
  const verb = verbOn(line);
  if (!POINTS.some((part) => covers(box, verb, part))) return false;
  const [x, y] = [-Math.sin(verb.angle), Math.cos(verb.angle)];
  const side = (box.at.x - verb.x) * x + (box.at.y - verb.y) * y < 0 ? -1 : 1;
  shift(box, x, y, side * PUSH);
  for (const end of [line.from, line.to]) shift(end, x, y, (-side * PUSH) / 2);
  return true;
}

// Those of the lines whose verb meets no box and no verb of a line before it.
export function legible(lines, boxes) {
  const kept = [];
  for (const line of lines) {
    const verb = corners(line.verb);
    const free = boxes.every((box) => !meet(verb, corners({ ...box.at, ...box, angle: 0 })));
    if (free && kept.every((other) => !meet(verb, other.verb))) kept.push({ line, verb });
  }
  return kept.map(({ line }) => line);
}

// The place of a verb beside its line: its middle, length, height and turn.
export function beside(middle, from, to, width) {
  let angle = Math.atan2(to.y - from.y, to.x - from.x);
  if (Math.abs(angle) > Math.PI / 2) angle += Math.PI;
  return { x: middle.x + BESIDE * Math.sin(angle), y: middle.y - BESIDE * Math.cos(angle), width, height: HIGH, angle };
}

function verbOn({ from, to, length }) {
  const [x, y, far] = way(from, to);
  const [start, stop] = [reach(from, x, y), far - reach(to, x, y)];
  const half = (start + stop) / 2;
  return beside({ x: from.at.x + x * half, y: from.at.y + y * half }, from.at, to.at, length);
}

function covers(box, verb, part) {
  const along = (part * verb.width) / 2;
  const [x, y] = [verb.x + along * Math.cos(verb.angle), verb.y + along * Math.sin(verb.angle)];
  return Math.abs(x - box.at.x) < box.width / 2 + AROUND && Math.abs(y - box.at.y) < box.height / 2 + AROUND;
}

// The direction from one box to another, and how far it is.
function way(from, to) {
  const [x, y] = [to.at.x - from.at.x, to.at.y - from.at.y];
  const far = Math.hypot(x, y) || 1;
  return [x / far, y / far, far];
}

// From the middle of a box to its edge.
function reach({ width, height }, x, y) {
  return Math.min(width / 2 / Math.abs(x || 1e-9), height / 2 / Math.abs(y || 1e-9));
}

function shift(box, x, y, by) {
  box.at.x += x * by;
  box.at.y += y * by;
}

function corners({ x, y, width, height, angle }) {
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  return [[-1, -1], [1, -1], [1, 1], [-1, 1]].map(([right, down]) => {
    const [across, along] = [(right * width) / 2, (down * height) / 2];
    return [x + across * cos - along * sin, y + across * sin + along * cos];
  });
}

// Whether two rectangles, however turned, share more than an edge.
// https://en.wikipedia.org/wiki/Hyperplane_separation_theorem
function meet(one, other) {
  return [one, other].every((shape) => [0, 1].every((nth) => {
    const [x, y] = [shape[nth + 1][0] - shape[nth][0], shape[nth + 1][1] - shape[nth][1]];
    const [a, b] = [one, other].map((each) => each.map((corner) => corner[0] * x + corner[1] * y));
    return Math.min(Math.max(...a), Math.max(...b)) - Math.max(Math.min(...a), Math.min(...b)) > 2 * Math.hypot(x, y);
  }));
}
