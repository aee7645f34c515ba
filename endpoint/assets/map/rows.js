// The table beside the map. A long one is shown in parts; the rows of the other parts are made here,
// of what the map's data says and of copies of what the page says once for many rows.

import { element, say } from "./words.js";

// The row of a relation: the one in the table, or one made for it.
export function row(data, number) {
  return document.querySelector(`#map-table tr[data-line="${number}"]`) ?? made(data, number);
}

// The part of the table that has a relation; the first is 1.
export function partOf(number) {
  const parts = nav();
  return parts ? 1 + Math.floor(number / Number(parts.dataset.size)) : 1;
}

// The part that is shown.
export function shown() {
  return Number(nav()?.dataset.page ?? 1);
}

// Show another part. Says which, as text.
export function turn(data, words, part) {
  const parts = nav();
  const size = Number(parts.dataset.size);
  const first = (part - 1) * size;
  const count = Math.min(size, data.relations.length - first);
  const rows = Array.from({ length: count }, (_, nth) => made(data, first + nth));
  document.querySelector("#map-table tbody").replaceChildren(...rows);
  document.querySelector(".map-rows").scrollTop = 0;
  parts.dataset.page = part;
  const said = say(words, "page_of", { page: part, pages: parts.dataset.pages });
  parts.querySelector("span").textContent = said;
  for (const [rel, other] of [["prev", part - 1], ["next", part + 1]]) {
    const link = parts.querySelector(`[rel=${rel}]`);
    const address = new URL(link.href);
    address.searchParams.set("page", other);
    link.href = address;
    link.hidden = other < 1 || other > Number(parts.dataset.pages);
  }
  return said;
}

// Mark the rows that belong to what is selected.
export function mark(lines, current) {
  for (const one of document.querySelectorAll("#map-table tr.near, #map-table tr[aria-current]")) {
    one.classList.remove("near");
    one.removeAttribute("aria-current");
  }
  for (const number of lines) rowOf(number)?.classList.add("near");
  rowOf(current)?.setAttribute("aria-current", "true");
}

// As the server writes it: endpoint/templates/web/map_parts.html.
function made(data, number) {
  const { source, target, verb, href, status, sources, documents } = data.relations[number];
  const made = element("tr");
  made.dataset.line = number;
  const link = element("a", verb);
  link.href = href;
  const things = [data.things[source], data.things[target]].map(named);
  const head = element("th", [things[0], " ", element("span", link, "verb"), " ", things[1]], "sentence");
  head.scope = "row";
  head.dataset.status = data.statuses[status];
  const listed = documents.flatMap((one, nth) => [...(nth ? [", "] : []), ...copies("documents", one)]);
  const button = element("button", copies("show", 0), "quiet");
  button.type = "button";
  button.dataset.line = number;
  made.append(
    head,
    element("td", copies("statuses", status)),
    element("td", listed),
    element("td", copies("sources", sources)),
    element("td", button, "map-show"),
  );
  return made;
}

function named({ label, href, external }) {
  const name = element(href ? "a" : "span", element("bdi", label), "named");
  if (href) name.href = href;
  if (external) [name.rel, name.title] = ["external nofollow", copies("outward", 0)[0].textContent];
  return name;
}

function copies(name, nth) {
  const list = document.getElementById("map-pieces").content.querySelector(`[data-of=${name}]`);
  return [...list.children[nth].cloneNode(true).childNodes];
}

function rowOf(number) {
  return document.querySelector(`#map-table tr[data-line="${number}"]`);
}

function nav() {
  return document.querySelector(".map-pages");
}
