// A map as an SVG document of its own: text to text, no browser needed.

import { LETTERS } from "./legend.js";
import { DASHES } from "./look.js";
import { corners } from "./shapes.js";

const MARGIN = 40;
const FOOT = 20;

// `picture`: { title, notes, legend, large, colours, box, zoom, things, relations } as read off the map; `zoom` is
// the size of the picture, of one of the map: what is written keeps its size. On a wide picture the
// title and what stands under it are `large`.
export function svg(picture) {
  const { box, colours, zoom, large } = picture;
  const size = (pixels) => (large * pixels) / zoom;
  const width = Math.max(box.x2 - box.x1, size(420)) + size(2 * MARGIN);
  const foot = size(2 * MARGIN + picture.legend.height + FOOT * picture.notes.length);
  const height = box.y2 - box.y1 + size(2 * MARGIN + 30) + foot;
  const [left, top] = [box.x1 - size(MARGIN), box.y1 - size(MARGIN + 30)];
  const text = (line, nth) =>
    `<text x="${n(box.x1)}" y="${n(box.y2 + size(MARGIN + picture.legend.height + FOOT * (nth + 1)))}" fill="${colours.quiet}" font-family="${escaped(colours.sans)}" font-size="${n(size(13))}">${escaped(line)}</text>`;
  return [
    `<?xml version="1.0" encoding="UTF-8"?>`,
    `<svg xmlns="http://www.w3.org/2000/svg" width="${n(width * zoom)}" height="${n(height * zoom)}" viewBox="${n(left)} ${n(top)} ${n(width)} ${n(height)}" role="img" aria-labelledby="title notes">`,
    `<title id="title">${escaped(picture.title)}</title>`,
    `<desc id="notes">${escaped(picture.notes.join("\n"))}</desc>`,
    `<rect x="${n(left)}" y="${n(top)}" width="${n(width)}" height="${n(height)}" fill="${colours.paper}"/>`,
    `<text x="${n(box.x1)}" y="${n(top + size(38))}" fill="${colours.ink}" font-family="${escaped(colours.serif)}" font-size="${n(size(24))}">${escaped(picture.title)}</text>`,
    ...picture.relations.map((relation) => relationLine(relation)),
    ...picture.relations.filter(({ said }) => said).map(({ said }) => verbText(said, colours)),
    ...picture.things.map((thing) => thingShape(thing)),
    // Names last: on a map of many dots they lie over other dots.
    ...picture.things.map((thing) => thingName(thing, colours)),
    `<g transform="translate(${n(box.x1)} ${n(box.y2 + size(MARGIN))}) scale(${n(100 * size(1)) / 100})" font-family="${escaped(colours.sans)}" font-size="${LETTERS}">`,
    ...picture.legend.items.map((item) => legendItem(item, colours)),
    `</g>`,
    ...picture.notes.map(text),
    `</svg>`,
  ].join("\n");
}

function relationLine({ from, to, bend, colour, width, status, arrow }) {
  const dash = DASHES[status] ? ` stroke-dasharray="${DASHES[status].join(" ")}"` : "";
  const path = bend
    ? `M ${n(from.x)} ${n(from.y)} Q ${n(bend.x)} ${n(bend.y)} ${n(to.x)} ${n(to.y)}`
    : `M ${n(from.x)} ${n(from.y)} L ${n(to.x)} ${n(to.y)}`;
  const line = `<path d="${path}" fill="none" stroke="${colour}" stroke-width="${n(width)}"${dash}/>`;
  return arrow ? line + head(bend ?? from, to, colour) : line;
}

function head(from, to, colour) {
  const turn = Math.atan2(to.y - from.y, to.x - from.x);
  const corner = (angle) => `${n(to.x - 9 * Math.cos(turn + angle))},${n(to.y - 9 * Math.sin(turn + angle))}`;
  return `<polygon points="${n(to.x)},${n(to.y)} ${corner(0.42)} ${corner(-0.42)}" fill="${colour}"/>`;
}

function verbText({ verb, x, y, angle, size }, colours) {
  const turn = (angle * 180) / Math.PI;
  return `<text transform="translate(${n(x)} ${n(y)}) rotate(${n(turn)})" y="${n(0.35 * size)}" text-anchor="middle" fill="${colours.accent}" stroke="${colours.paper}" stroke-width="${n(size / 3)}" paint-order="stroke" font-family="${escaped(colours.sans)}" font-size="${n(size)}" font-weight="600">${escaped(verb)}</text>`;
}

function legendItem({ x, y, d, fill = "none", stroke, dash, text, textX, textY }, colours) {
  const dashes = dash ? ` stroke-dasharray="${dash.join(" ")}"` : "";
  return `<g transform="translate(${n(x)} ${n(y)})"><path d="${d}" fill="${fill}" stroke="${stroke}" stroke-width="1.75"${dashes}/><text x="${textX}" y="${textY}" fill="${colours.quiet}">${escaped(text)}</text></g>`;
}

function thingShape(thing) {
  const paint = `fill="${thing.fill}" stroke="${thing.stroke}" stroke-width="${n(thing.border)}"`;
  const said = thing.said ? `<title>${escaped(thing.said)}</title>` : "";
  return `<g>${said}${outline(thing, paint)}</g>`;
}

function thingName(thing, colours) {
  const lines = thing.lines.map(
    (line, nth) => `<text x="${n(thing.textX)}" y="${n(thing.textY + nth * thing.leading)}">${escaped(line)}</text>`,
  );
  // A name on lines and dots has paper around its letters.
  const halo = thing.said ? ` stroke="${colours.paper}" stroke-width="${n(thing.size / 4)}" paint-order="stroke"` : "";
  return `<g text-anchor="middle" fill="${colours.ink}"${halo} font-family="${escaped(colours.serif)}" font-size="${n(thing.size)}">${lines.join("")}</g>`;
}

function outline({ x, y, width, height, kind }, paint) {
  const shape = corners(kind);
  if (shape) {
    const points = [];
    for (let nth = 0; nth < shape.length; nth += 2) {
      points.push(`${n(x + (shape[nth] * width) / 2)},${n(y + (shape[nth + 1] * height) / 2)}`);
    }
    return `<polygon points="${points.join(" ")}" ${paint}/>`;
  }
  const round = Math.min(40, width / 2, height / 2);
  return `<rect x="${n(x - width / 2)}" y="${n(y - height / 2)}" width="${n(width)}" height="${n(height)}" rx="${n(round)}" ${paint}/>`;
}

function n(value) {
  return Math.round(value * 10) / 10;
}

// What XML 1.0 cannot hold is left out: https://www.w3.org/TR/xml/#charsets
function escaped(text) {
  return String(text)
    .toWellFormed()
    .replace(/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, "")
    .replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}
