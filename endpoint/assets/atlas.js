// Without this script every form still works: the browser then shows what the server answers.
// With it, an answer appears under its question as a table.

import "./parts/find.js";

const TABLE = "application/sparql-results+json, text/turtle;q=0.9";
const words = document.body.dataset;

for (const form of document.querySelectorAll("form.query")) {
  const formats = form.querySelector("select[name=format]");
  formats.prepend(new Option(words.table, "", true, true));
  form.addEventListener("submit", (event) => {
    if (formats.value === "") {
      event.preventDefault();
      show(form);
    }
  });
  form.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit();
  });
}

// The address may name a question: /queries/#name opens it.
const named = document.getElementById(decodeURIComponent(location.hash.slice(1)));
if (named instanceof HTMLDetailsElement) named.open = true;

async function show(form) {
  const output = form.querySelector("output");
  output.replaceChildren(paragraph(words.running));
  const fields = new FormData(form);
  fields.delete("format");
  const address = `${form.action}?${new URLSearchParams(fields)}`;
  try {
    const response = await fetch(address, { headers: { Accept: TABLE } });
    output.replaceChildren(...(await rendered(response)));
  } catch {
    output.replaceChildren(paragraph(words.unreachable, "fault"));
  }
}

async function rendered(response) {
  const type = response.headers.get("Content-Type") ?? "";
  if (!response.ok) {
    const problem = type.includes("json") ? await response.json() : {};
    return [paragraph(problem.detail ?? response.statusText, "fault")];
  }
  if (!type.includes("json")) {
    const pre = document.createElement("pre");
    pre.textContent = await response.text();
    return [pre];
  }
  const answer = await response.json();
  if ("boolean" in answer) return [paragraph(String(answer.boolean))];
  const rows = answer.results.bindings;
  return [paragraph(`${words.rows} ${rows.length}`), table(answer.head.vars, rows)];
}

function table(variables, rows) {
  const element = document.createElement("table");
  const head = element.createTHead().insertRow();
  for (const variable of variables) {
    const cell = document.createElement("th");
    cell.scope = "col";
    cell.textContent = variable;
    head.append(cell);
  }
  const body = element.createTBody();
  for (const row of rows) {
    const line = body.insertRow();
    for (const variable of variables) line.insertCell().append(term(row[variable]));
  }
  return element;
}

function term(value) {
  if (value === undefined) return "";
  if (value.type !== "uri" || !/^https?:/.test(value.value)) return String(value.value);
  const link = document.createElement("a");
  link.href = value.value;
  link.rel = "noreferrer";
  link.textContent = value.value;
  return link;
}

function paragraph(text, className = "") {
  const element = document.createElement("p");
  element.className = className;
  element.textContent = text;
  return element;
}
