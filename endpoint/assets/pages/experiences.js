// Choosing without a button: each tick asks for the page anew, and what is found takes its place.
// Without this script the form sends the same choice.
import { suggest } from "../parts/find.js";

const NARROW = matchMedia("(max-width: 52rem)");
const commune = document.getElementById("commune");

// A commune of the list is compared at once; a name that was only written is looked up.
if (commune) {
  suggest(commune, {
    type: "Commune",
    choose(result) {
      commune.value = result.codes?.[0] ?? result.label;
      commune.form.requestSubmit();
    },
  });
}

const place = document.getElementById("choosing");
const told = document.createElement("p");
told.role = "status";
told.className = "unseen";
place?.before(told);
let asking = null;
let now = location.search;

place?.addEventListener("change", ({ target }) => {
  if (target.form?.classList.contains("choose") && target.type !== "search") follow(target.form);
});
place?.addEventListener("submit", (event) => {
  event.preventDefault();
  follow(event.target);
});
// A step to another place of the same page changes the address too, and asks for nothing.
addEventListener("popstate", () => location.search !== now && show(location.href));
if (NARROW.matches) fold();

// On a narrow page the facets would stand before what is found.
function fold() {
  document.querySelector(".facets").open = false;
}

function follow(form) {
  const fields = new URLSearchParams();
  for (const [name, value] of new FormData(form)) {
    if (value !== "" && !(name === "sort" && value === "recent")) fields.append(name, value);
  }
  const address = new URL(form.action);
  address.search = fields;
  address.hash = "";
  history.pushState(null, "", address);
  show(address);
}

async function show(address) {
  asking?.abort();
  asking = new AbortController();
  place.setAttribute("aria-busy", "true");
  try {
    const answer = await fetch(address, { signal: asking.signal, headers: { Accept: "text/html" } });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const next = page.getElementById("choosing");
    if (!answer.ok || !next) return location.assign(address);
    now = new URL(address).search;
    replace(next, page);
    told.textContent = place.querySelector("#found").textContent;
  } catch (fault) {
    if (fault.name !== "AbortError") location.assign(address);
  }
}

// What was open stays open, and the keyboard stays where it was.
function replace(next, page) {
  const focused = document.activeElement;
  const field = focused?.name ? { name: focused.name, value: focused.value } : null;
  for (const details of place.querySelectorAll("details[id]")) {
    const same = next.querySelector(`#${details.id}`);
    if (same) same.open = details.open;
  }
  next.querySelector(".facets").open = place.querySelector(".facets").open;
  for (const more of place.querySelectorAll(".facet .more[open]")) {
    const same = next.querySelector(`#${more.closest(".facet").id} .more`);
    if (same) same.open = true;
  }
  place.replaceChildren(...next.childNodes);
  place.removeAttribute("aria-busy");
  for (const part of [".languages", ".behind"]) {
    const [old, fresh] = [document.querySelector(part), page.querySelector(part)];
    if (old && fresh) old.replaceWith(fresh);
  }
  // Whoever compares a commune afterwards keeps what is chosen now.
  const hidden = page.querySelectorAll(".mine input[type=hidden]");
  for (const old of document.querySelectorAll(".mine input[type=hidden]")) old.remove();
  document.querySelector(".mine")?.prepend(...hidden);
  if (!field) return;
  const same = [...place.querySelectorAll(`[name="${field.name}"]`)];
  (same.find(({ type, value }) => type !== "checkbox" || value === field.value) ?? same[0])?.focus();
}
