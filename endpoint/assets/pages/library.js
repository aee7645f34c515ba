// The library: questions filtered as one types, things found by name, addresses copied.

import { copies } from "../parts/copy.js";
import { suggest } from "../parts/find.js";

const folded = (text) =>
  text
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .toLowerCase()
    .replaceAll("œ", "oe")
    .replaceAll("æ", "ae");

const filter = document.getElementById("filter");
if (filter) {
  const items = [...document.querySelectorAll(".questions li")].map((item) => [
    item,
    folded(`${item.textContent} ${item.dataset.words}`),
  ]);
  const themes = [...document.querySelectorAll(".theme")];
  const count = document.getElementById("count");
  const language = document.documentElement.lang;
  filter.elements.q.addEventListener("input", () => {
    const words = folded(filter.elements.q.value).split(/\s+/).filter(Boolean);
    let left = 0;
    for (const [item, text] of items) {
      item.hidden = !words.every((word) => text.includes(word));
      if (!item.hidden) left += 1;
    }
    for (const theme of themes) {
      theme.hidden = !theme.querySelector("li:not([hidden])");
      const more = theme.querySelector("details");
      if (more) more.open = words.length > 0;
    }
    const one = new Intl.PluralRules(language).select(left) === "one";
    count.textContent = (one ? count.dataset.one : count.dataset.many).replace("{count}", left.toLocaleString(language));
  });
}

// A choice fills in what the parameter takes: the thing's IRI, or its code.
for (const input of document.querySelectorAll("input[data-search]")) {
  const { search, fills } = input.dataset;
  suggest(input, {
    type: search === "*" ? "" : search,
    choose: (result) => {
      input.value = fills === "code" ? (result.codes[0] ?? "") : result.iri;
      input.form.requestSubmit();
    },
  });
}

for (const button of document.querySelectorAll("[data-copies]")) {
  if (!navigator.clipboard) break;
  button.hidden = false;
  copies(button, () => document.getElementById(button.dataset.copies).textContent, button.dataset.done);
}
