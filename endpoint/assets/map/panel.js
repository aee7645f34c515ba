// What is selected, in words: beside the map, in the table, and for who listens to the page.

import { changed, follow } from "./address.js";
import { row } from "./rows.js";
import { element, say } from "./words.js";

const MOST = 30;
// A button that is pressed is gone with its panel: the focus goes on to the map.
const CANVAS = "map-canvas";

export function thingSaid(words, thing, count) {
  const values = { name: thing.label, kind: thing.says, count };
  return say(words, count === 1 ? "one" : "many", values);
}

// The panel of a thing: what it is, what one can do with it, its relations as sentences.
export function thingPanel(words, data, thing, lines) {
  const name = element("h2");
  name.append(isolated(thing.label));
  const items = lines.slice(0, MOST).map((number) => element("li", sentence(data, number)));
  if (lines.length > MOST) items.push(element("li", say(words, "more", { count: lines.length - MOST })));
  return [
    element("p", thing.says, "kind"),
    name,
    actions(words, data, thing),
    element("ul", items, "map-sentences"),
  ];
}

// The panel of a relation: the cells of its line under the heads of their columns.
export function relationPanel(words, data, number) {
  const heads = document.querySelectorAll("#map-table thead th");
  const cells = [...row(data, number).cells].slice(1, 4).filter((cell) => cell.textContent.trim());
  const facts = cells.map((cell) =>
    element("div", [element("dt", heads[cell.cellIndex].textContent), element("dd", copies(cell))]),
  );
  return [
    element("p", words.relation, "kind"),
    element("p", sentence(data, number), "map-sentence"),
    element("dl", facts),
  ];
}

export function nothingPanel(words) {
  return [element("p", words.nothing, "quietly")];
}

// Bring the neighbourhood of a thing onto the map, or take it away again.
export function open(data, thing, focus = "") {
  follow(changed({ open: [...data.opened, thing.key], selected: thing.key }), focus);
}

function fold(data, thing, focus) {
  follow(changed({ open: data.opened.filter((key) => key !== thing.key), selected: null }), focus);
}

function actions(words, data, thing) {
  const list = element("p", [], "map-actions");
  const opened = data.opened.includes(thing.key);
  const central = data.things[data.centre] === thing;
  if (!central) {
    list.append(
      button(words[opened ? "fold" : "open"], () => (opened ? fold : open)(data, thing, CANVAS)),
      button(words.centre, () =>
        follow(changed({ centre: thing.key, open: null, selected: null }), CANVAS),
      ),
    );
  }
  if (thing.href) {
    const link = element("a", words.page);
    link.href = thing.href;
    list.append(link);
  }
  return list;
}

function button(text, press) {
  const made = element("button", text, "quiet");
  made.type = "button";
  made.addEventListener("click", press);
  return made;
}

function sentence(data, number) {
  return copies(row(data, number).cells[0]);
}

// The sentence of a relation as text.
export function told(data, number) {
  return row(data, number).cells[0].textContent.replace(/\s+/g, " ").trim();
}

function copies(cell) {
  return [...cell.childNodes].map((node) => node.cloneNode(true));
}

function isolated(text) {
  return element("bdi", text);
}
