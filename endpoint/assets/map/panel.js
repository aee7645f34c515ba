// What is selected, in words: beside the map, in the table, and for who listens to the page.

import { changed, follow } from "./address.js";

const MOST = 30;

// The text of a key with its values in place.
export function say(words, key, values = {}) {
  return words[key].replace(/\{(\w+)\}/g, (_, name) => values[name]);
}

export function thingSaid(words, thing, count) {
  const values = { name: thing.label, kind: thing.says, count };
  return say(words, count === 1 ? "one" : "many", values);
}

// The panel of a thing: what it is, what one can do with it, its relations as sentences.
export function thingPanel(words, data, thing, lines) {
  const name = element("h2");
  name.append(isolated(thing.label));
  const items = lines.slice(0, MOST).map((number) => element("li", sentence(number)));
  if (lines.length > MOST) items.push(element("li", say(words, "more", { count: lines.length - MOST })));
  return [
    element("p", thing.says, "kind"),
    name,
    actions(words, data, thing),
    element("ul", items, "map-sentences"),
  ];
}

// The panel of a relation: the cells of its line under the heads of their columns.
export function relationPanel(words, number) {
  const heads = document.querySelectorAll("#map-table thead th");
  const cells = [...line(number).cells].slice(1, 4).filter((cell) => cell.textContent.trim());
  const facts = cells.map((cell) =>
    element("div", [element("dt", heads[cell.cellIndex].textContent), element("dd", copies(cell))]),
  );
  return [
    element("p", words.relation, "kind"),
    element("p", sentence(number), "map-sentence"),
    element("dl", facts),
  ];
}

export function nothingPanel(words) {
  return [element("p", words.nothing, "quietly")];
}

export function line(number) {
  return document.querySelector("#map-table tbody").rows[number];
}

// Mark the lines of the table that belong to what is selected.
export function mark(lines, current) {
  for (const row of document.querySelectorAll("#map-table tr.near, #map-table tr[aria-current]")) {
    row.classList.remove("near");
    row.removeAttribute("aria-current");
  }
  for (const number of lines) line(number).classList.add("near");
  if (current >= 0) line(current).setAttribute("aria-current", "true");
}

// Bring the neighbourhood of a thing onto the map, or take it away again.
export function open(data, thing) {
  follow(changed({ open: [...data.opened, thing.key], selected: thing.key }));
}

function fold(data, thing) {
  follow(changed({ open: data.opened.filter((key) => key !== thing.key), selected: null }));
}

function actions(words, data, thing) {
  const list = element("p", [], "map-actions");
  const opened = data.opened.includes(thing.key);
  const central = data.things[data.centre] === thing;
  if (!central) {
    list.append(
      button(words[opened ? "fold" : "open"], () => (opened ? fold : open)(data, thing)),
      button(words.centre, () =>
        follow(changed({ centre: thing.key, open: null, selected: null })),
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

function sentence(number) {
  return copies(line(number).cells[0]);
}

function copies(cell) {
  return [...cell.childNodes].map((node) => node.cloneNode(true));
}

function isolated(text) {
  return element("bdi", text);
}

function element(name, content = [], className = "") {
  const made = document.createElement(name);
  if (className) made.className = className;
  made.append(...[content].flat());
  return made;
}
