// The search for a commune proposes while one types. Without this script the form lists what it finds.
// The pattern is the ARIA combobox with a list: https://www.w3.org/WAI/ARIA/apg/patterns/combobox/

const PAUSE = 120; // milliseconds without a keystroke before asking
const MOST = 8;

for (const box of document.querySelectorAll(".combo[data-suggest]")) suggest(box);

function suggest(box) {
  const input = box.querySelector("input");
  const list = listFor(input);
  const said = element("p", { className: "unseen" });
  said.setAttribute("role", "status");
  box.append(list, said);
  let timer;
  let asked; // the request under way, given up when another letter is typed
  let at = -1; // the option that is marked, none at first

  input.addEventListener("input", () => {
    clearTimeout(timer);
    asked?.abort();
    if (!input.value.trim()) return close();
    timer = setTimeout(ask, PAUSE);
  });
  input.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !list.hidden) {
      close();
      event.preventDefault(); // the field keeps its text
    } else if (event.key === "Enter" && at >= 0) {
      event.preventDefault();
      open(list.children[at]);
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (list.hidden) return ask();
      mark(event.key === "ArrowDown" ? at + 1 : at - 1);
    }
  });
  input.addEventListener("blur", () => close());
  // Before the field loses the focus, which would close the list under the pointer.
  list.addEventListener("pointerdown", (event) => event.preventDefault());
  list.addEventListener("click", (event) => {
    const option = event.target.closest("[role=option]");
    if (option) open(option);
  });

  async function ask() {
    const text = input.value.trim();
    if (!text) return;
    asked = new AbortController();
    const words = new URLSearchParams({ q: text, type: "Commune", limit: MOST, lang: box.dataset.language });
    try {
      const answer = await fetch(`${box.dataset.suggest}?${words}`, { signal: asked.signal });
      if (answer.ok) show((await answer.json()).results);
    } catch {
      close(); // given up, or nobody answers: the form still works
    }
  }

  function show(results) {
    const found = results.filter(({ codes }) => codes.length);
    list.replaceChildren(...found.map(option));
    at = -1;
    input.removeAttribute("aria-activedescendant");
    list.hidden = !found.length;
    input.setAttribute("aria-expanded", String(!list.hidden));
    said.textContent = found.length ? box.dataset.some.replace("{number}", found.length) : box.dataset.none;
  }

  function option({ label, codes, within }, place) {
    const item = element("li", { id: `${list.id}-${place}` });
    item.setAttribute("role", "option");
    item.setAttribute("aria-selected", "false");
    item.dataset.code = codes[0];
    item.append(
      element("bdi", { textContent: label ?? codes[0] }),
      " ",
      element("small", { textContent: [within?.label, codes[0]].filter(Boolean).join(" · ") }),
    );
    return item;
  }

  function mark(next) {
    const options = list.children;
    options[at]?.setAttribute("aria-selected", "false");
    at = (next + options.length) % options.length;
    options[at].setAttribute("aria-selected", "true");
    options[at].scrollIntoView({ block: "nearest" });
    input.setAttribute("aria-activedescendant", options[at].id);
  }

  function open(option) {
    const lang = new URLSearchParams(location.search).get("lang");
    const page = `${box.dataset.page}/${encodeURIComponent(option.dataset.code)}`;
    location.assign(lang ? `${page}?lang=${encodeURIComponent(lang)}` : page);
  }

  function close() {
    clearTimeout(timer);
    asked?.abort();
    list.hidden = true;
    at = -1;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  }
}

// The list of an input, which is told to be a combobox.
function listFor(input) {
  const list = element("ul", { id: `${input.id}-options`, hidden: true });
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", input.labels[0].textContent);
  const states = { role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": list.id };
  for (const [name, value] of Object.entries(states)) input.setAttribute(name, value);
  return list;
}

function element(name, properties) {
  return Object.assign(document.createElement(name), properties);
}
