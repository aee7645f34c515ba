// From what the page says to what is drawn: elements for Cytoscape, with their sizes.

import { VERB, box, circled } from "./measure.js";

// With more things than this they are dots, however near one comes.
export const MOST_BOXES = 140;
const DOT = 16;
const LONGEST = 38;
// Names of things with many relations are larger: they are read first.
const [SMALLEST, LARGEST] = [14, 25];

// What the page says, with names for the numbers of its rows: endpoint/web/map/data.py.
export function read() {
  const data = JSON.parse(document.getElementById("map-data").content.textContent);
  return { ...data, things: data.things.map((row) => thing(data, row)), relations: data.relations.map((row) => relation(data, row)) };
}

function thing(data, [key, label, kind, says, components, href = key && data.page.join(key), external = false]) {
  return { key, label, kind: data.kinds[kind], says: data.classes[says], components, href, external };
}

function relation(data, [source, target, verb, status, step, sources, key = "", documents = [], ...place]) {
  const [text, usual] = data.verbs[verb];
  const href = place[0] ?? usual ?? data.page.join(key);
  return { source, target, verb: text, status, step, sources, key, documents, href };
}

// The elements of a map: things have the ids t0, t1, …, relations r0, r1, …
export function elements(data, serif) {
  const dense = data.things.length > MOST_BOXES;
  const degrees = counted(data);
  const things = data.things.map((thing, number) => ({
    group: "nodes",
    data: {
      id: `t${number}`,
      number,
      kind: thing.kind,
      component: thing.components[0] ?? 0,
      centre: number === data.centre ? 1 : 0,
      // Its name where it stands beside the thing, and how: names.js.
      name: shortened(label(thing)),
      written: "",
      letters: DOT,
      aside: 0,
      under: 0,
      degree: degrees[number],
      // How wide its dot is, on the map: of boxes it depends on how far one is.
      across: dotted(degrees[number]),
      ...(dense ? dot(degrees[number]) : sized(thing, degrees[number], serif)),
    },
  }));
  const relations = data.relations.map((relation, number) => ({
    group: "edges",
    data: {
      id: `r${number}`,
      number,
      source: `t${relation.source}`,
      target: `t${relation.target}`,
      verb: relation.verb,
      status: data.statuses[relation.status],
      fact: relation.key ? 0 : 1,
      // How far the verb stands from the line's middle, and how large it is: verbs.js.
      aside: 0,
      above: 0,
      letters: VERB,
      thick: 2,
    },
  }));
  return { things, relations, dense };
}

// When each thing came onto the map: with which of the opened things, 0 from the start.
export function steps(data) {
  const found = data.things.map(() => Infinity);
  for (const { source, target, step } of data.relations) {
    found[source] = Math.min(found[source], step);
    found[target] = Math.min(found[target], step);
  }
  return found.map((step) => (step === Infinity ? 0 : step));
}

function counted(data) {
  const degrees = data.things.map(() => 0);
  for (const { source, target } of data.relations) {
    degrees[source] += 1;
    degrees[target] += 1;
  }
  return degrees;
}

function sized(thing, degree, serif) {
  const size = Math.min(SMALLEST + 4 * Math.sqrt(Math.max(degree - 1, 0)), LARGEST);
  const { lines, width, height } = box(label(thing), size, serif);
  return { label: lines.join("\n"), width, height, size };
}

function dot(degree) {
  return { width: dotted(degree), height: dotted(degree) };
}

// How wide the dot of a thing with so many relations is.
export function dotted(degree) {
  return Math.min(DOT + Math.sqrt(degree) * 3, 60);
}

function shortened(text) {
  const letters = [...text];
  return letters.length > LONGEST ? `${letters.slice(0, LONGEST).join("").trimEnd()}…` : text;
}

function label(thing) {
  const numbers = thing.components.map(circled);
  return [...numbers, thing.label].join(" ");
}
