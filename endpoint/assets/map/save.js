// The map as a file: as SVG, and as PNG with the same title, legend, sources and address.

import { spellWithin } from "./drawing.js";
import { LETTERS, legend } from "./legend.js";
import { hue, palette, style, tint } from "./look.js";
import { LEADING } from "./measure.js";
import { pictured, spellPicture } from "./names.js";
import { svg } from "./svg.js";
import { boxVerbs } from "./verbs.js";

// No image is more pixels wide or high: browsers draw no larger ones.
const LARGEST = 8000;
// A picture of very many things is so many times as large as the map, and so many pixels wide at most.
const [ROOMY, WIDEST] = [1.5, 2400];
const MARGIN = 40;
// An image has two pixels for one of the map.
const TWICE = 2;
// About the width of a letter of what stands under it.
const LETTER = 7.2;

// Always on light paper: a file is printed and pasted.
export function saveSvg(cy, data, dense) {
  const text = svg(picture(cy, data, dense));
  return download(new Blob([text], { type: "image/svg+xml" }), "svg");
}

export async function savePng(cy, data, dense) {
  const colours = palette("light");
  const drawn = await createImageBitmap(await plain(cy, dense, colours));
  const large = enlarged(drawn.width / TWICE);
  const size = (pixels) => large * TWICE * pixels;
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(drawn.width, size(500)) + size(MARGIN);
  const room = (canvas.width - size(MARGIN)) / size(1);
  const lines = notes(data, room / LETTER);
  const said = legend(data.legend, room, colours);
  const [top, left] = [size(55), size(MARGIN / 2)];
  canvas.height = top + drawn.height + size(30 + said.height + 19 * lines.length);
  const pen = canvas.getContext("2d");
  pen.fillStyle = colours.paper;
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.drawImage(drawn, left, top);
  pen.translate(left, 0);
  pen.scale(size(1), size(1));
  pen.fillStyle = colours.ink;
  pen.font = `22px ${colours.serif}`;
  pen.fillText(data.title, 0, 35);
  pen.translate(0, (top + drawn.height) / size(1) + 20);
  drawLegend(pen, said, colours);
  pen.fillStyle = colours.quiet;
  pen.font = `12px ${colours.sans}`;
  lines.forEach((line, nth) => pen.fillText(line, 0, said.height + 12 + 19 * nth));
  return download(await new Promise((done) => canvas.toBlob(done, "image/png")), "png");
}

// How much larger than usual the title and what stands under it are on a picture so wide.
function enlarged(width) {
  return Math.min(2.5, Math.max(1, width / 1600));
}

function drawLegend(pen, { items }, colours) {
  pen.font = `${LETTERS}px ${colours.sans}`;
  pen.lineWidth = 1.75;
  for (const { x, y, d, fill, stroke, dash = [], text, textX, textY } of items) {
    const mark = new Path2D(d);
    pen.save();
    pen.translate(x, y);
    pen.strokeStyle = stroke;
    if (fill) pen.fillStyle = fill;
    if (fill) pen.fill(mark);
    pen.setLineDash(dash);
    pen.stroke(mark);
    pen.fillStyle = colours.quiet;
    pen.fillText(text, textX, textY);
    pen.restore();
  }
}

// The drawing alone, on light paper.
function plain(cy, dense, colours) {
  const zoom = scale(cy, dense);
  cy.style(style(colours, dense));
  if (dense) spellPicture(cy, colours, zoom);
  else spellWithin(cy, colours.sans);
  // Else the library frames the names as they were written before.
  cy.elements().boundingBox({ useCache: false });
  const { w, h } = cy.elements().boundingBox();
  const most = LARGEST / Math.max(w, h);
  const blob = cy.png({ output: "blob-promise", full: true, scale: Math.min(TWICE * zoom, most), bg: colours.paper });
  cy.style(style(palette(), dense));
  return blob;
}

// How large the picture is, of one: many dots are drawn far from each other, to leave names room.
function scale(cy, dense) {
  return dense ? Math.min(ROOMY, WIDEST / cy.elements().boundingBox({ includeLabels: false }).w) : 1;
}

function picture(cy, data, dense) {
  const colours = palette("light");
  const box = cy.elements().boundingBox({ includeLabels: false });
  const zoom = scale(cy, dense);
  const { names, verbs } = dense ? pictured(cy, colours, zoom) : { names: [], verbs: boxVerbs(cy, colours.sans) };
  const named = new Map(names.map((name) => [name.node, name]));
  const width = Math.max(box.w * zoom, 420);
  const large = enlarged(width);
  return {
    title: data.title,
    notes: notes(data, width / large / LETTER),
    legend: legend(data.legend, width / large, colours),
    large,
    colours,
    box,
    zoom,
    things: cy.nodes().map((node) => (dense ? dot(node, colours, named.get(node), zoom) : thing(node, colours))),
    relations: cy.edges().map((edge) => relation(edge, colours, dense, verbs.get(edge))),
  };
}

// The sources and the address, in lines of so many letters.
function notes(data, letters) {
  const pattern = new RegExp(`.{1,${Math.floor(letters)}}(?=\\s|$)|.{1,${Math.floor(letters)}}`, "g");
  return [data.credit, location.href].flatMap((text) => text.match(pattern) ?? []);
}

function thing(node, colours) {
  const { label, width, height, size } = node.data();
  const { x, y } = node.position();
  const lines = label.split("\n");
  const textY = y - ((lines.length - 1) * LEADING * size) / 2 + size / 3;
  return { ...outlined(node, colours, false), x, y, width, height, lines, size, leading: LEADING * size, textX: x, textY };
}

// A dot has its name beside it where there is room, and always as what a program or a pointer reads.
function dot(node, colours, name, zoom) {
  const { name: label, width, height } = node.data();
  const { x, y } = node.position();
  const size = (name?.size ?? 0) / zoom;
  return {
    ...outlined(node, colours, true),
    x, y, width, height, size,
    said: label,
    lines: name?.lines ?? [],
    leading: LEADING * size,
    textX: x + (name?.aside ?? 0) / zoom,
    textY: y + height / 2 + (name?.under ?? 0) / zoom + 0.95 * size,
  };
}

// As on the map: look.js.
function outlined(node, colours, dense) {
  const { component, kind, centre } = node.data();
  const stroke = hue(colours, component);
  const plain = dense ? tint(stroke, colours.paper, 0.5) : colours.raised;
  const fill = component ? tint(stroke, colours.paper, dense ? 0.6 : 0.14) : plain;
  return { kind, stroke, fill, border: centre ? 3.5 : 1.75 };
}

function relation(edge, colours, dense, place) {
  const { status, verb, fact } = edge.data();
  const [from, to] = dense
    ? [edge.source().position(), edge.target().position()]
    : [edge.sourceEndpoint(), edge.targetEndpoint()];
  return {
    from, to, status,
    bend: dense ? null : edge.controlPoints()?.[0] ?? null,
    said: place ? { ...place, verb } : null,
    colour: colours[status] ?? (fact ? tint(colours["strong-line"], colours.paper, 0.65) : colours["strong-line"]),
    width: dense ? 0.75 : 1.5,
    arrow: !dense,
  };
}

function download(blob, suffix) {
  const link = document.createElement("a");
  const place = new URL(location.href).searchParams.get("centre") ?? "atlas";
  link.download = `relations-${place.replace(/[^A-Za-z0-9]+/g, "-").slice(-60)}.${suffix}`;
  link.href = URL.createObjectURL(blob);
  link.click();
  URL.revokeObjectURL(link.href);
  return link.download;
}
