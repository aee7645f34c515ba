// The editor's page: runs a query in place and shows its answer; opens the editor when asked to.

import { ask, explain } from "../editor/ask.js";
import { element, filled, number, paragraph } from "../editor/dom.js";
import { Names } from "../editor/names.js";
import { planned } from "../editor/plan.js";
import { AnswerTable } from "../editor/table.js";

const KEY = "atlas-query";
// A browser and a server take a longer address too, a message or a document may not.
const LONGEST = 6000;
const form = document.getElementById("editor");
const at = (id) => document.getElementById(id);
const [field, told, answer] = [at("query"), at("told"), at("answer")];
const [run, stop, open, share] = [at("run"), at("stop"), at("open"), at("share")];
const words = Object.fromEntries(
  Object.entries(form.dataset)
    .filter(([name]) => name.startsWith("word"))
    .map(([name, text]) => [name.slice(4).replace(/[A-Z]/g, (one, nth) => (nth ? "_" : "") + one.toLowerCase()), text]),
);
const problems = JSON.parse(form.dataset.problems);
const sites = { titles: new Map(), learnt: null };
words.query = form.querySelector("label[for=query]").textContent;
words.named_site = (name) => (name === "(this atlas)" ? words.this_atlas : (sites.titles.get(name) ?? name));
words.site_called = (iri) => (iri === form.dataset.base ? words.this_atlas : (sites.titles.get(iri) ?? iri));

const names = new Names({
  address: form.dataset.here,
  text: form.dataset.names,
  base: form.dataset.base,
  prefixes: JSON.parse(form.dataset.prefixes),
  root: form.dataset.here.replace(/\/sparql$/, ""),
  language: document.documentElement.lang,
});
const state = { editor: null, running: null };
const text = () => state.editor?.getValue() ?? field.value;
const everywhere = () => form.elements.where?.value === "everywhere";
const address = () => (everywhere() ? form.dataset.everywhere : form.dataset.here);

// ---- Running -------------------------------------------------------------------------------

async function answered() {
  state.running?.abort();
  const running = (state.running = new AbortController());
  const began = performance.now();
  busy(true);
  remember();
  told.textContent = words.running;
  answer.replaceChildren();
  at("served")?.remove();
  try {
    if (everywhere()) await learnSites();
    const found = await asked(text(), running.signal);
    const seconds = (performance.now() - began) / 1000;
    await show(found, seconds, running.signal);
  } catch (error) {
    if (running !== state.running) return;
    told.textContent = running.signal.aborted ? words.stopped : words.unreachable;
    if (error.name !== "AbortError" && !(error instanceof TypeError)) throw error;
  } finally {
    if (running === state.running) busy(false);
  }
}

// Of all sites the rows name theirs, where the form of the query allows that.
async function asked(query, signal) {
  if (!everywhere()) return ask(address(), query, { signal });
  const found = await ask(address(), query, { signal, fields: { sources: "1", partial: "1" } });
  const refused = found.kind === "problem" && found.slug === "not-federable";
  return refused ? ask(address(), query, { signal, fields: { partial: "1" } }) : found;
}

async function show(found, seconds, signal) {
  const time = filled(words.seconds, { seconds: number(Math.round(seconds * 100) / 100) });
  if (found.kind === "problem") {
    told.textContent = "";
    answer.replaceChildren(...problem(found));
    return;
  }
  if (found.kind === "long") {
    told.textContent = words.cut;
    return;
  }
  if (found.kind === "boolean") {
    told.textContent = `${found.value ? words.yes : words.no} (${time})`;
  } else if (found.rows.length === 0) {
    told.textContent = `${words.none} (${time})`;
  } else {
    const table = new AnswerTable(found, names, words);
    const shown = await table.show(signal);
    const count = found.rows.length;
    const rows = filled(count === 1 ? words.row : words.rows, { count: number(count) });
    told.textContent = `${rows.replace(/\.$/, "")}, ${time}.`;
    answer.replaceChildren(...drawing(count), shown, files(found.variables[0] === "subject"));
  }
  if (everywhere()) answer.append(...federated(found));
}

// The server's sentence may be in English: what kind of problem it is stands before it, unless the
// sentence begins with that.
function problem({ slug, detail, language, line }) {
  const told = problems[slug] && !detail.startsWith(problems[slug]);
  const title = told ? [paragraph(problems[slug], "fault")] : [];
  const where = line ? element("button", { type: "button", className: "quiet" }, filled(words.go, { line })) : null;
  where?.addEventListener("click", () => goTo(line));
  const sentence = element("p", { role: "alert", lang: language, className: told ? null : "fault" }, detail);
  return [...title, sentence, ...(where ? [where] : [])];
}

// To a line of the query, counted from 1, in whichever field it is written.
function goTo(line) {
  if (state.editor) {
    state.editor.focus();
    state.editor.getDoc().setCursor({ line: line - 1, ch: 0 });
    return;
  }
  const lines = field.value.split("\n");
  const start = lines.slice(0, line - 1).join("\n").length + (line > 1 ? 1 : 0);
  field.focus();
  field.setSelectionRange(start, start + (lines[line - 1] ?? "").length);
}

// The pictures that fit an answer are drawn by the server, for the same query at the same address
// that shows them without scripts.
function drawing(rows) {
  if (rows < 2 || everywhere() || isLong(text())) return [];
  const fields = new URLSearchParams({ query: text(), run: "1", lang: document.documentElement.lang });
  const button = element("button", { type: "button", className: "quiet" }, words.draw);
  const place = element("div", { tabindex: "-1" }, button);
  button.addEventListener("click", async () => {
    button.disabled = true;
    try {
      const response = await fetch(`${form.dataset.page}?${fields}`);
      const page = new DOMParser().parseFromString(await response.text(), "text/html");
      const drawn = page.getElementById("pictures");
      place.replaceChildren(drawn ?? element("p", { className: "quietly" }, words.undrawn));
      place.focus();
    } catch {
      [button.disabled, told.textContent] = [false, words.unreachable];
    }
  });
  return [place];
}

// The same query as files, by address.
function files(statements) {
  if (isLong(text())) return "";
  const formats = statements
    ? { Turtle: "turtle", "JSON-LD": "json-ld", "RDF/XML": "rdf/xml" }
    : { CSV: "csv", JSON: "json", TSV: "tsv", XML: "xml" };
  const links = Object.entries(formats).map(([label, format]) => {
    const fields = new URLSearchParams({ query: text(), format });
    return element("a", { href: `${address()}?${fields}` }, label);
  });
  return element("p", { className: "syntaxes" }, words.whole, ...links);
}

// The button that runs may be pressed again, which starts anew; the one that stops hands on its
// focus before it goes.
function busy(running) {
  if (!running && document.activeElement === stop) run.focus();
  stop.hidden = !running;
  form.setAttribute("aria-busy", String(running));
}

// ---- Partners ------------------------------------------------------------------------------

async function learnSites() {
  sites.learnt ??= fetch(form.dataset.partners).then((response) => (response.ok ? response.json() : []));
  const partners = await sites.learnt;
  for (const { name, title, endpoint } of partners) {
    const called = title[document.documentElement.lang] ?? title.fr ?? title[Object.keys(title)[0]] ?? name;
    for (const iri of [name, endpoint, `urn:x-atlas:partner:${name}`]) sites.titles.set(iri, called);
  }
  return partners;
}

function federated(found) {
  const query = text();
  const button = element("button", { type: "button", className: "quiet" }, words.explain);
  const place = element("div", { tabindex: "-1" }, button);
  button.addEventListener("click", async () => {
    button.disabled = true;
    const [told, { Terms }] = await Promise.all([
      explain(form.dataset.everywhere, query, { fields: { partial: "1" } }),
      import("../editor/terms.js"),
    ]);
    const terms = await Terms.load(form.dataset.terms);
    const shown = told.kind === "plan" ? [planned(told.plan, words, (iri) => terms.name(iri))] : problem(told);
    place.replaceChildren(...shown);
    place.focus();
  });
  const left = found.left ? [paragraph(`${words.left_out} ${found.left}`, "fault")] : [];
  const alone = sites.titles.size ? [] : [paragraph(words.alone, "quietly")];
  return [...left, ...alone, place];
}

// ---- The address, and what this device keeps ------------------------------------------------

// A short query stands in the address, so that the page can be sent to somebody.
function shared() {
  const page = new URL(form.dataset.page, location.href);
  page.searchParams.set("lang", document.documentElement.lang);
  if (everywhere()) page.searchParams.set("where", "everywhere");
  const query = new URLSearchParams({ query: text() }).toString();
  if (!isLong(text())) page.search += `&${query}`;
  else page.hash = query;
  return page;
}

function isLong(query) {
  return new URLSearchParams({ query }).toString().length >= LONGEST;
}

function remember() {
  history.replaceState(null, "", shared());
  try {
    localStorage.setItem(KEY, text());
  } catch {
    // Private windows and full disks keep nothing: then the address alone does.
  }
}

// A long query comes after the #; without any, the last one written here is brought back.
function restored() {
  const hash = new URLSearchParams(location.hash.slice(1)).get("query");
  if (hash) return hash;
  const given = new URLSearchParams(location.search);
  if (given.has("query") || given.has("named")) return null;
  try {
    const kept = localStorage.getItem(KEY);
    if (kept && kept !== field.value) told.textContent = words.kept;
    return kept;
  } catch {
    return null;
  }
}

// ---- Opening the editor ----------------------------------------------------------------------

async function opened() {
  open.disabled = true;
  told.textContent = words.opening;
  const [{ openEditor }, { Terms }] = await Promise.all([
    import("../editor/writing.js"),
    import("../editor/terms.js"),
    styled(),
  ]);
  const terms = await Terms.load(form.dataset.terms);
  const place = at("writing");
  place.hidden = false;
  state.editor = openEditor(place, field.value, terms, { run: answered, changed: copy, broken }, words);
  field.hidden = true;
  at("keys").hidden = false;
  told.textContent = "";
  toggled(true);
  state.editor.focus();
}

function closed() {
  state.editor.destroy();
  state.editor = null;
  at("writing").hidden = true;
  at("writing").replaceChildren();
  at("keys").hidden = true;
  broken("");
  field.hidden = false;
  toggled(false);
  field.focus();
}

function toggled(isOpen) {
  open.disabled = false;
  open.setAttribute("aria-expanded", String(isOpen));
  [open.textContent, open.dataset.close] = [open.dataset.close, open.textContent];
}

// The form sends the text of the field: it follows what is written.
function copy(written) {
  field.value = written;
}

function broken(sentence) {
  at("syntax").textContent = sentence;
  at("syntax").hidden = !sentence;
}

function styled() {
  if (document.querySelector("link[data-writing]")) return undefined;
  const link = element("link", { rel: "stylesheet", href: form.dataset.style, "data-writing": "" });
  document.head.append(link);
  return new Promise((done) => link.addEventListener("load", done, { once: true }));
}

// ---- Wiring ----------------------------------------------------------------------------------

for (const hidden of [open, form.querySelector(".where"), run]) hidden.hidden = false;
share.hidden = !navigator.clipboard;
form.querySelector(".where").disabled = false;
const before = restored();
if (before) field.value = before;

form.addEventListener("submit", (event) => {
  const file = event.submitter === at("file");
  if (file) {
    event.submitter.formAction = address();
    event.submitter.formMethod = isLong(text()) ? "post" : "get";
    return;
  }
  event.preventDefault();
  answered();
});
run.addEventListener("click", (event) => {
  event.preventDefault();
  if (text().trim()) answered();
});
field.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) answered();
});
stop.addEventListener("click", () => state.running?.abort());
open.addEventListener("click", () => (state.editor ? closed() : opened()));
share.addEventListener("click", async () => {
  history.replaceState(null, "", shared());
  await navigator.clipboard.writeText(location.href);
  told.textContent = words.shared;
});
// Who writes with a mouse gets the editor where they click; a keyboard has the button.
field.addEventListener("pointerup", () => opened(), { once: true });
