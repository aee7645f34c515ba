// The map's state is its address: another map is another address, of which the page is fetched and
// put in the place of this one, all but the canvas. So the server's table and the map never differ.

import { carried } from "./arrangement.js";

const PARTS = ["#map-head", "#map-after", ".behind", ".languages"];
const listeners = [];
let asking = null;
// Going within the page, to a heading, is no other map.
let shown = location.pathname + location.search;

// Call back when the page shows another map.
export function moved(listener) {
  listeners.push(listener);
}

// Show the map at an address; `focus`: the id of what has the focus afterwards. What was put
// elsewhere stays there.
export async function follow(address, focus = "") {
  if (await show(address)) {
    address.hash = carried(location.hash);
    history.pushState(null, "", readable(address));
    shown = location.pathname + location.search;
    tell();
    document.getElementById(focus)?.focus();
  }
}

// Note in the address what is selected, and which part of the table is shown where that does not
// follow from it; going back does not step through it.
export function note(key, part) {
  const address = new URL(location.href);
  for (const [name, value] of [["selected", key], ["page", part]]) {
    if (value) address.searchParams.set(name, value);
    else address.searchParams.delete(name);
  }
  replaced(address);
}

// Note in the address how the map is arranged, as arrangement.js writes it.
export function arranged(hash) {
  if (hash === location.hash) return;
  const address = new URL(location.href);
  address.hash = hash;
  replaced(address);
}

function replaced(address) {
  history.replaceState(null, "", readable(address));
  shown = location.pathname + location.search;
}

// This map with changes: a value, several, or null for none.
export function changed(changes) {
  const address = new URL(location.href);
  address.searchParams.delete("page");
  for (const [name, value] of Object.entries(changes)) {
    address.searchParams.delete(name);
    for (const one of [value].flat()) if (one) address.searchParams.append(name, one);
  }
  return address;
}

// A path may stand in a query as it is written: https://www.rfc-editor.org/rfc/rfc3986#section-3.4
function readable(address) {
  return String(address).replaceAll("%2F", "/");
}

async function show(address) {
  asking?.abort();
  asking = new AbortController();
  const root = document.getElementById("map");
  root.dispatchEvent(new CustomEvent("map-loading"));
  try {
    const answer = await fetch(address, { headers: { Accept: "text/html" }, signal: asking.signal });
    if (!answer.ok) throw new Error(String(answer.status));
    replace(new DOMParser().parseFromString(await answer.text(), "text/html"));
    return true;
  } catch (error) {
    if (error.name !== "AbortError") root.dispatchEvent(new CustomEvent("map-failed"));
    return false;
  }
}

function replace(page) {
  document.title = page.title;
  for (const part of PARTS) {
    const [here, there] = [document.querySelector(part), page.querySelector(part)];
    if (here && there) here.replaceWith(document.adoptNode(there));
  }
}

function tell() {
  for (const listener of listeners) listener();
}

addEventListener("popstate", async () => {
  if (location.pathname + location.search === shown) return;
  shown = location.pathname + location.search;
  if (await show(location.href)) tell();
});
