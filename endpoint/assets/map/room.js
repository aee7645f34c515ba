// Room for the verbs on their lines: geometry alone, of boxes { at: { x, y }, width, height } and of
// lines { from, to, length }, where `length` is what the verb takes.

// Beside the verb, for the arrow; and around it.
const [ARROW, AROUND] = [30, 9];
// The verb stands this far from its line, and is so high.
const [BESIDE, HIGH] = [10, 12];
// How much of the way is made at once: what is pushed from several sides must come to rest.
const PUSH = 10;
const POINTS = [-1, -0.5, 0, 0.5, 1];
// Of one verb about one thing, so many are written.
const MOST_SAME = 8;
// Where else than in its middle a verb stands along a line, and how far from the line's ends.
const [PARTS, NEAR] = [[0.4, 0.6, 0.3, 0.7, 0.2, 0.8], 8];

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

// Which verbs have room, and where: each line has the `places` in which its verb may stand, the best
// first, and each is kept free of boxes and of the verbs before it. Of those that say the `same` about
// one thing, a few are enough. Gives { line, place } for those that are written.
export function legible(lines, boxes) {
  const taken = boxes.map((box) => framed({ ...box.at, ...box, angle: 0 }));
  const [kept, times] = [new Map(), new Map()];
  const write = (line, places) => {
    const said = times.get(line.same) ?? 0;
    if (said === MOST_SAME) return;
    const free = places.map(framed).find((one) => taken.every((other) => !meet(one, other)));
    if (!free) return;
    taken.push(free);
    kept.set(line, free.place);
    times.set(line.same, said + 1);
  };
  // All in their best places first, so that none is in the way of another's.
  for (const line of lines) write(line, line.places.slice(0, 1));
  for (const line of lines) if (!kept.has(line)) write(line, line.places.slice(1));
  return lines.filter((line) => kept.has(line)).map((line) => ({ line, place: kept.get(line) }));
}

// Where a verb may stand: beside the middle of its line, else nearer to an end, else on the other
// side. `line` has the points from, to and middle, and `bend` towards which it is drawn, if any.
export function alongside({ from, to, middle, bend = null }, width) {
  const far = Math.hypot(to.x - from.x, to.y - from.y);
  const fits = (part) => Math.min(part, 1 - part) * far >= width / 2 + NEAR;
  const points = [middle, ...PARTS.filter(fits).map((part) => along(from, to, part, bend))];
  return [1, -1].flatMap((side) => points.map((point) => beside(point, from, to, width, side)));
}

// A point of a straight line, or of a curve: https://en.wikipedia.org/wiki/B%C3%A9zier_curve#Quadratic_curves
function along(from, to, part, bend) {
  const at = (axis) =>
    bend
      ? (1 - part) ** 2 * from[axis] + 2 * part * (1 - part) * bend[axis] + part ** 2 * to[axis]
      : from[axis] + part * (to[axis] - from[axis]);
  return { x: at("x"), y: at("y") };
}

// The place of a verb beside its line: its middle, length, height and turn.
function beside(middle, from, to, width, side = 1) {
  let angle = Math.atan2(to.y - from.y, to.x - from.x);
  if (Math.abs(angle) > Math.PI / 2) angle += Math.PI;
  const away = side * BESIDE;
  return { x: middle.x + away * Math.sin(angle), y: middle.y - away * Math.cos(angle), width, height: HIGH, angle };
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
export function reach({ width, height }, x, y) {
  return Math.min(width / 2 / Math.abs(x || 1e-9), height / 2 / Math.abs(y || 1e-9));
}

function shift(box, x, y, by) {
  box.at.x += x * by;
  box.at.y += y * by;
}

function framed(place) {
  return { place, reach: Math.hypot(place.width, place.height) / 2, shape: corners(place) };
}

function corners({ x, y, width, height, angle }) {
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  return [[-1, -1], [1, -1], [1, 1], [-1, 1]].map(([right, down]) => {
    const [across, along] = [(right * width) / 2, (down * height) / 2];
    return [x + across * cos - along * sin, y + across * sin + along * cos];
  });
}

// Whether two rectangles, however turned, share more than an edge. Most are far from each other.
// https://en.wikipedia.org/wiki/Hyperplane_separation_theorem
function meet(one, other) {
  if (Math.hypot(one.place.x - other.place.x, one.place.y - other.place.y) > one.reach + other.reach) return false;
  const shapes = [one.shape, other.shape];
  return shapes.every((shape) => [0, 1].every((nth) => {
    const [x, y] = [shape[nth + 1][0] - shape[nth][0], shape[nth + 1][1] - shape[nth][1]];
    const [a, b] = shapes.map((each) => each.map((corner) => corner[0] * x + corner[1] * y));
    return Math.min(Math.max(...a), Math.max(...b)) - Math.max(Math.min(...a), Math.min(...b)) > 2 * Math.hypot(x, y);
  }));
}
