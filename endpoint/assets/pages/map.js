// The page of the map. The table is there without this; what draws is loaded as the map comes in view.

import { suggest } from "../parts/find.js";
import { follow, moved } from "../map/address.js";
import { carried } from "../map/arrangement.js";

const root = document.getElementById("map");
let map = null;

if (root) {
  root.hidden = false;
  document.body.classList.add("map-live");
  const watcher = new IntersectionObserver(async (entries) => {
    if (map || !entries.some((entry) => entry.isIntersecting)) return;
    watcher.disconnect();
    try {
      const { start } = await import("../map/view.js");
      map = start(root);
    } catch (error) {
      // What does not draw takes no room; the table and the still drawing are there.
      root.hidden = true;
      document.body.classList.remove("map-live");
      throw error;
    }
  });
  watcher.observe(root);
  document.addEventListener("submit", filter);
  document.addEventListener("click", carry);
  moved(() => map?.redraw());
}
offer();
moved(offer);

// Names as one types: a choice puts the thing at the centre.
function offer() {
  const input = document.getElementById("map-q");
  if (input && !input.closest(".suggesting")) {
    suggest(input, { choose: ({ iri }) => location.assign(around(iri)) });
  }
}

function around(iri) {
  const address = new URL(location.pathname, location.href);
  address.searchParams.set("centre", iri);
  address.searchParams.set("lang", document.documentElement.lang);
  return address;
}

function filter(event) {
  const form = event.target;
  if (!form.matches(".map-filters")) return;
  event.preventDefault();
  const fields = [...new FormData(form)].filter(([, value]) => value !== "");
  follow(new URL(`?${new URLSearchParams(fields)}`, form.action), "map-apply");
}

// In another language the map is the same; with other relations, things are where they were put.
function carry({ target }) {
  const link = target.closest(".languages a, .map-opened a, .map-apply a");
  if (link) link.hash = link.closest(".languages") ? location.hash : carried(location.hash);
}
