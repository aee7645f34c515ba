// Where a reader has put things and what is seen of the map, as the part of the address behind the #.
//
// It is no parameter: the server draws nothing with it, so a page is kept by caches as one whatever
// was moved on it, and long ones break no limit on what a server is sent. For instance
// #view=120_-40_1280_800&moved=1x2k9f_60_-24~…: the middle, width and height of what is seen, and
// for each moved thing the mark of its key and how far it is from where the layout puts it. So an
// arrangement still makes sense when the atlas has changed, and in a window of another size. A
// selected relation that has no IRI to be selected by is there too, as line=1x2k9f.

// As many moved things are kept in an address, the last ones.
export const MOST = 60;
const FARTHEST = 200_000;
const MARK = /^[0-9a-z]{1,7}$/;
const PLACE = /^(-?\d{1,6})_(-?\d{1,6})$/;

// An arrangement: `view` { x, y, w, h } or null for the whole, `moved` a Map from marks to [x, y],
// `line` the mark of what is selected or "".
export function untouched() {
  return { view: null, moved: new Map(), line: "" };
}

// Whether what is behind the # is an arrangement, not a heading of the page.
export function isArrangement(hash) {
  return /^#(view|moved|line)=/.test(hash);
}

// What an address says. Throws RangeError for what is no arrangement that there can be.
export function read(hash) {
  const found = untouched();
  if (!isArrangement(hash)) return found;
  for (const part of hash.slice(1).split("&")) {
    const [, name, value] = part.match(/^(view|moved|line)=(.+)$/) ?? refuse(part);
    found[name] = READ[name](value);
  }
  return found;
}

// The same as text, with its #; empty where nothing is arranged.
export function written({ view, moved, line }) {
  const parts = [];
  if (view) parts.push(`view=${[view.x, view.y, view.w, view.h].map(Math.round).join("_")}`);
  const last = [...moved].slice(-MOST).map(([mark, [x, y]]) => `${mark}_${x}_${y}`);
  if (last.length) parts.push(`moved=${last.join("~")}`);
  if (line) parts.push(`line=${line}`);
  return parts.length ? `#${parts.join("&")}` : "";
}

// What stays of it on another map: where things were put.
export function carried(hash) {
  const part = isArrangement(hash) && hash.slice(1).split("&").find((one) => one.startsWith("moved="));
  return part ? `#${part}` : "";
}

// A thing or a relation by its key, short. https://datatracker.ietf.org/doc/html/draft-eastlake-fnv (32 bits)
export function mark(key) {
  let state = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(key)) state = Math.imul(state ^ byte, 0x01000193);
  return (state >>> 0).toString(36);
}

function view(value) {
  const found = value.match(/^(-?\d+_-?\d+)_(\d{1,6})_(\d{1,6})$/) ?? refuse(value);
  const [x, y] = place(found[1]);
  const [w, h] = [Number(found[2]), Number(found[3])];
  return w > 0 && h > 0 && w <= FARTHEST && h <= FARTHEST ? { x, y, w, h } : refuse(value);
}

function moved(value) {
  const parts = value.split("~");
  if (parts.length > MOST) refuse(value);
  return new Map(
    parts.map((part) => {
      const [, name, at] = part.match(/^([^_]+)_(.+)$/) ?? refuse(part);
      return [marked(name), place(at)];
    }),
  );
}

function marked(value) {
  return MARK.test(value) ? value : refuse(value);
}

function place(value) {
  const [x, y] = (value.match(PLACE) ?? refuse(value)).slice(1).map(Number);
  return Math.max(Math.abs(x), Math.abs(y)) <= FARTHEST ? [x, y] : refuse(value);
}

function refuse(value) {
  throw new RangeError(value);
}

const READ = { view, moved, line: marked };
