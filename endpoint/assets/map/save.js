// The map as a file: as SVG, and as PNG with the same title, sources and address.

import { hue, palette, style, tint } from "./look.js";
import { LEADING } from "./measure.js";
import { pictured, spellNames, spellPicture } from "./names.js";
import { svg } from "./svg.js";

const LARGEST = 6000;
// A picture of very many things is so many pixels wide at most, and its names are of that size.
const WIDEST = 1800;
const MARGIN = 40;

// Always on light paper: a file is printed and pasted.
export function saveSvg(cy, data, dense) {
  const text = svg(picture(cy, data, dense));
  return download(new Blob([text], { type: "image/svg+xml" }), "svg");
}

export async function savePng(cy, data, dense) {
  const colours = palette("light");
  const drawn = await createImageBitmap(await plain(cy, dense, colours));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(drawn.width, 1000) + 2 * MARGIN;
  const lines = notes(data, (canvas.width - 2 * MARGIN) / 13);
  canvas.height = drawn.height + 160 + 40 * lines.length;
  const pen = canvas.getContext("2d");
  pen.fillStyle = colours.paper;
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.fillStyle = colours.ink;
  pen.font = `44px ${colours.serif}`;
  pen.fillText(data.title, MARGIN, 70);
  pen.drawImage(drawn, MARGIN, 110);
  pen.fillStyle = colours.quiet;
  pen.font = `24px ${colours.sans}`;
  lines.forEach((line, nth) => pen.fillText(line, MARGIN, drawn.height + 150 + 38 * nth));
  return download(await new Promise((done) => canvas.toBlob(done, "image/png")), "png");
}

// The drawing alone, on light paper and with nothing selected.
function plain(cy, dense, colours) {
  const marked = cy.elements(".chosen, .near, .faded, .told").map((one) => [one, one.classes()]);
  cy.style(style(colours, dense));
  cy.elements().removeClass("chosen near faded told");
  if (dense) spellPicture(cy, colours.serif, shrunk(cy, dense));
  // Else the library frames the names as they were written before.
  cy.elements().boundingBox({ useCache: false });
  const options = { output: "blob-promise", full: true, scale: 2 * shrunk(cy, dense), bg: colours.paper };
  const blob = cy.png({ ...options, maxWidth: LARGEST, maxHeight: LARGEST });
  cy.style(style(palette(), dense));
  for (const [one, classes] of marked) one.classes(classes);
  if (dense) spellNames(cy, palette().serif);
  return blob;
}

// How large the picture is, of one.
function shrunk(cy, dense) {
  return dense ? Math.min(1, WIDEST / cy.elements().boundingBox({ includeLabels: false }).w) : 1;
}

function picture(cy, data, dense) {
  const colours = palette("light");
  const box = cy.elements().boundingBox({ includeLabels: false });
  const zoom = shrunk(cy, dense);
  const names = new Map(dense ? pictured(cy, colours.serif, zoom).map((name) => [name.node, name]) : []);
  return {
    title: data.title,
    notes: notes(data, Math.max(box.w * zoom, 420) / 7.2),
    colours,
    box,
    zoom,
    things: cy.nodes().map((node) => (dense ? dot(node, colours, names.get(node), zoom) : thing(node, colours))),
    relations: cy.edges().map((edge) => relation(edge, colours, dense)),
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
  const { label, width, height } = node.data();
  const { x, y } = node.position();
  const size = (name?.size ?? 0) / zoom;
  return {
    ...outlined(node, colours, true),
    x, y, width, height, size,
    said: label,
    lines: name?.lines ?? [],
    leading: LEADING * size,
    textX: x + (name?.aside ?? 0) / zoom,
    textY: y + height / 2 + size,
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

function relation(edge, colours, dense) {
  const { status, verb, fact } = edge.data();
  const [from, to] = dense
    ? [edge.source().position(), edge.target().position()]
    : [edge.sourceEndpoint(), edge.targetEndpoint()];
  const bend = dense ? null : edge.controlPoints()?.[0] ?? null;
  const turn = (Math.atan2(to.y - from.y, to.x - from.x) * 180) / Math.PI;
  return {
    from, to, bend, status,
    verb: dense || edge.hasClass("mute") ? "" : verb,
    middle: dense ? null : edge.midpoint(),
    turn: Math.abs(turn) > 90 ? turn + 180 : turn,
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
