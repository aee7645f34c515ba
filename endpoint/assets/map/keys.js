// Where the arrow keys lead: to what lies that way, first along the relations of where one is.

const WAYS = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowDown: [0, 1], ArrowUp: [0, -1] };
// Within this angle of the arrow a thing lies that way.
const ALONG = (75 * Math.PI) / 180;
const ELSEWHERE = (45 * Math.PI) / 180;

export function isArrow(key) {
  return key in WAYS;
}

// The place to go to, null where nothing lies that way. Places have x and y.
export function next(key, from, related, others) {
  return nearest(key, from, related, ALONG) ?? nearest(key, from, others, ELSEWHERE);
}

function nearest(key, from, places, widest) {
  const way = Math.atan2(WAYS[key][1], WAYS[key][0]);
  let [best, least] = [null, Infinity];
  for (const place of places) {
    const [x, y] = [place.x - from.x, place.y - from.y];
    const off = Math.abs(Math.atan2(Math.sin(Math.atan2(y, x) - way), Math.cos(Math.atan2(y, x) - way)));
    const cost = Math.hypot(x, y) * (1 + 2 * off);
    if (off <= widest && cost > 0 && cost < least) [best, least] = [place, cost];
  }
  return best;
}
