// Names as one types: a combobox over the label search. Without it the form sends the words.
// Where no name is spelt so, those that come near are offered, and said to be no more than that.
// https://www.w3.org/WAI/ARIA/apg/patterns/combobox/

const PAUSE = 120;
// Of a longer name the offer shows the beginning; its page has it whole.
const LONGEST = 120;
let made = 0;

// Offer names under an input. `type`: the class to keep to; `choose(result)`: what a choice does,
// following the link to its page where nothing is given; `instead`: the same two for what is offered
// where no name of the first class is spelt so.
export function suggest(input, { type = "", choose = follow, instead = null } = {}) {
  const list = document.createElement("ul");
  list.id = `names-${(made += 1)}`;
  list.className = "names";
  list.role = "listbox";
  list.hidden = true;
  list.setAttribute("aria-label", input.labels?.[0]?.textContent ?? input.placeholder);
  const told = document.createElement("span");
  told.className = "unseen";
  told.role = "status";
  // The list stands under the input, as wide as it is.
  const place = document.createElement("span");
  place.className = "suggesting";
  const focused = document.activeElement === input;
  input.replaceWith(place);
  place.append(input, list, told);
  // Whoever was quicker than this script goes on writing.
  if (focused) input.focus();
  for (const [name, value] of [
    ["role", "combobox"],
    ["aria-autocomplete", "list"],
    ["aria-controls", list.id],
    ["aria-expanded", "false"],
  ])
    input.setAttribute(name, value);

  const state = { results: [], options: [], at: -1, asking: null, timer: 0, choose };

  function close() {
    clearTimeout(state.timer);
    state.asking?.abort();
    list.hidden = true;
    state.at = -1;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  }

  function show({ results, near = [] }) {
    state.results = [...results, ...near];
    state.at = -1;
    state.options = state.results.map((result, nth) =>
      option(result, `${list.id}-${nth}`, nth >= results.length),
    );
    list.replaceChildren(...state.options);
    if (near.length) state.options[results.length].before(heading(results.length > 0));
    list.hidden = state.results.length === 0;
    input.setAttribute("aria-expanded", String(!list.hidden));
    input.removeAttribute("aria-activedescendant");
    told.textContent = said(results.length, near.length);
  }

  function move(step) {
    if (list.hidden) return ask();
    const count = state.results.length;
    state.at = (state.at + step + (state.at < 0 && step < 0 ? 1 : 0) + count) % count;
    state.options.forEach((item, nth) => {
      item.setAttribute("aria-selected", String(nth === state.at));
      if (nth === state.at) item.scrollIntoView({ block: "nearest" });
    });
    input.setAttribute("aria-activedescendant", `${list.id}-${state.at}`);
  }

  async function ask() {
    state.asking?.abort();
    const words = input.value.trim();
    if (words.length < 2) return close();
    state.asking = new AbortController();
    const { signal } = state.asking;
    try {
      let found = await search(input, words, type, signal);
      state.choose = choose;
      if (instead && found?.results.length === 0) {
        const other = await search(input, words, instead.type, signal);
        if (other?.results.length) [found, state.choose] = [other, instead.choose];
      }
      if (found && document.activeElement === input) show(found);
    } catch {
      // A newer question took its place, or the server is away: the form still works.
    }
  }

  input.addEventListener("input", () => {
    clearTimeout(state.timer);
    state.timer = setTimeout(ask, PAUSE);
  });
  input.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown") move(1);
    else if (event.key === "ArrowUp") move(-1);
    else if (event.key === "Escape" && !list.hidden) close();
    else if (event.key === "Enter" && state.at >= 0) {
      const chosen = state.results[state.at];
      close();
      state.choose(chosen, input);
    } else return;
    event.preventDefault();
  });
  input.addEventListener("blur", close);
  // A press takes the focus before the click comes: keep it, so that the list stays.
  list.addEventListener("pointerdown", (event) => event.preventDefault());
  list.addEventListener("click", (event) => {
    const nth = state.options.indexOf(event.target.closest("li"));
    if (nth < 0) return;
    const chosen = state.results[nth];
    close();
    state.choose(chosen, input);
  });
}

// The names of a class that have the words, null where the server does not say.
async function search(input, words, type, signal) {
  const fields = new URLSearchParams({ q: words, lang: document.documentElement.lang, limit: "8" });
  if (type) fields.set("type", type);
  const answer = await fetch(`${address(input)}?${fields}`, { signal });
  return answer.ok ? answer.json() : null;
}

// What is told of how many names are offered.
function said(found, near) {
  const { namesSome, namesNone, nearOffered, nearOfferedToo } = document.body.dataset;
  if (!found && !near) return namesNone;
  if (!found) return nearOffered.replace("#", near);
  const some = namesSome.replace("#", found);
  return near ? `${some} ${nearOfferedToo.replace("#", near)}` : some;
}

// For the eye, above the near names: they are told one by one to who does not see it.
function heading(others) {
  const { nearShort, nearAsWell } = document.body.dataset;
  const item = document.createElement("li");
  item.className = "above";
  item.role = "presentation";
  item.setAttribute("aria-hidden", "true");
  item.textContent = others ? nearAsWell : nearShort;
  return item;
}

function option(result, id, near) {
  const item = document.createElement("li");
  item.id = id;
  item.role = "option";
  item.setAttribute("aria-selected", "false");
  const name = document.createElement("bdi");
  const text = result.label ?? result.matched.text;
  name.textContent = text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
  const about = document.createElement("small");
  const codes = (result.codes ?? []).slice(0, 1);
  about.textContent = [result.type?.label, result.within?.label, ...codes, home(result)]
    .filter(Boolean)
    .join(" · ");
  item.append(name, about);
  if (near) item.append(unseen(`, ${document.body.dataset.nearOne}`));
  return item;
}

function unseen(text) {
  const only = document.createElement("span");
  only.className = "unseen";
  only.textContent = text;
  return only;
}

// The site of a thing of another site: its page here is not at an address of its own.
function home(result) {
  const about = result.page && new URL(result.page, location.href).pathname.endsWith("/about");
  return about && URL.canParse(result.iri) ? new URL(result.iri).host : "";
}

function follow(result) {
  if (!result.page) return;
  const page = new URL(result.page, location.href);
  if (page.origin === location.origin) page.searchParams.set("lang", document.documentElement.lang);
  location.assign(page);
}

// The search beside the page that shows it: an atlas may live under a path.
function address(input) {
  const page = input.closest("form")?.dataset.names ?? document.body.dataset.names;
  return page ?? "/api/search";
}

for (const input of document.querySelectorAll("input[data-suggest]")) {
  suggest(input, { type: input.dataset.suggest });
}

// Ctrl+K leads to the search, as on many sites, unless one is writing. A letter or sign alone would
// be pressed by accident by who speaks to the machine: WCAG 2.2, 2.1.4.
document.querySelector("#q, #find")?.setAttribute("aria-keyshortcuts", "Control+K Meta+K");
document.addEventListener("keydown", (event) => {
  if (event.key !== "k" || !(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return;
  if (event.target.closest?.("input, textarea, select, [contenteditable]")) return;
  const search = document.querySelector("#q, #find");
  if (!search) return;
  event.preventDefault();
  search.focus();
});
