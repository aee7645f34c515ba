// A proposal checked as one types: the server judges it by the shapes, as the form's button has it
// do, and each field says what is wrong once one has been there. Published with a token that stays
// on this page and goes nowhere but into the header of the request.
import { suggest } from "../parts/find.js";

const PAUSE = 350;
const form = document.getElementById("proposal");
const summary = document.getElementById("summary");
const ready = document.getElementById("ready");
const publish = document.getElementById("publish");
const outcome = document.getElementById("published");
// Fields that one has been in; all of them once the form was sent.
const touched = new Set();
const all = summary.dataset.state !== "none";
const state = { timer: 0, asking: null, answer: null, said: all ? JSON.stringify(told()) : null };

// What the summary lists.
function told() {
  return [...summary.querySelectorAll("li")].map((item) => item.textContent.trim());
}

function element(tag, text, attributes = {}) {
  const made = document.createElement(tag);
  made.textContent = text;
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  return made;
}

// Things: a choice puts the IRI beside the name; other words mean another thing.

for (const input of form.querySelectorAll("[data-thing]")) {
  const place = input.closest(".thing");
  const iri = place.querySelector("input[type=hidden]");
  const chosen = place.querySelector(".chosen");
  suggest(input, {
    type: input.dataset.thing,
    choose: (result) => {
      const label = (result.label ?? result.matched.text).slice(0, 300);
      input.value = label;
      iri.value = result.iri;
      chosen.replaceChildren(
        element("bdi", [label, result.type?.label].filter(Boolean).join(" · ")),
        element("span", result.iri, { class: "iri" }),
      );
      chosen.hidden = false;
      place.querySelectorAll(".offered").forEach((list) => list.remove());
      soon(input);
    },
  });
  input.addEventListener("input", () => {
    iri.value = "";
    chosen.hidden = true;
  });
}

// Checked as one types.

function soon(control) {
  touched.add(control.closest("[data-field]")?.dataset.field);
  clearTimeout(state.timer);
  state.timer = setTimeout(check, PAUSE);
}

async function check() {
  state.asking?.abort();
  state.asking = new AbortController();
  try {
    const answer = await fetch(form.dataset.check, {
      method: "POST",
      body: new URLSearchParams(new FormData(form)),
      headers: { Accept: "application/json" },
      signal: state.asking.signal,
    });
    if (answer.ok) show(await answer.json());
  } catch {
    // A newer question took its place, or the server is away: the button still works.
  }
}

function show(answer) {
  state.answer = answer;
  for (const field of form.querySelectorAll("[data-field]")) {
    const { field: name } = field.dataset;
    const said = all || touched.has(name) || answer.conforms;
    tell(field, said ? answer.findings.filter((one) => one.field === name) : []);
  }
  summarise(answer);
  ready.hidden = !answer.conforms;
  document.getElementById("turtle").textContent = answer.turtle;
  document.getElementById("file").textContent = answer.iri.split("/").pop();
}

function tell(field, findings) {
  const list = document.getElementById(`findings-${field.dataset.field}`);
  list.replaceChildren(
    ...findings.map(({ level, text }) => element("li", text.slice(0, 400), { "data-level": level })),
  );
  list.hidden = findings.length === 0;
  const wrong = findings.some(({ level }) => level === "must");
  field.toggleAttribute("data-wrong", wrong);
  for (const control of field.querySelectorAll("input, select"))
    if (wrong) control.setAttribute("aria-invalid", "true");
    else control.removeAttribute("aria-invalid");
}

function summarise(answer) {
  const wrong = answer.findings.filter(({ level }) => level === "must");
  // What is as it was is not said aloud again, nor what the page came with: the focus may be there.
  const said = JSON.stringify(wrong.map(({ text }) => text));
  if (said === state.said) return;
  state.said = said;
  if (!all && wrong.length) {
    summary.dataset.state = "none";
    return summary.replaceChildren();
  }
  summary.dataset.state = wrong.length ? "wrong" : "right";
  const heading = element("h2", wrong.length ? summary.dataset.wrong : summary.dataset.right);
  if (!wrong.length) {
    const next = document.createElement("p");
    next.append(element("a", summary.dataset.next, { href: "#ready" }));
    return summary.replaceChildren(heading, next);
  }
  const list = document.createElement("ul");
  for (const { field, text } of wrong) {
    const item = document.createElement("li");
    item.append(field ? element("a", text.slice(0, 400), { href: `#field-${field}` }) : text.slice(0, 400));
    list.append(item);
  }
  summary.replaceChildren(heading, list);
}

// What is wrong leads to the control that sets it right, with the name of its field in sight.
summary.addEventListener("click", (event) => {
  const field = document.getElementById(event.target.closest("a")?.hash.slice(1));
  const control = field?.querySelector("select, input:not([type=hidden])");
  if (!control) return;
  event.preventDefault();
  field.scrollIntoView();
  control.focus({ preventScroll: true });
});

form.addEventListener("input", ({ target }) => soon(target));
form.addEventListener("focusout", ({ target }) => soon(target));

// Published.

function outcomeOf(level, text, ...more) {
  outcome.replaceChildren(element("p", text, { class: level }), ...more);
}

// The sentences of a validation report, in the reader's language or in the only one there is.
function sentences(report) {
  const wanted = document.documentElement.lang;
  const found = [...report.matchAll(/resultMessage> ("(?:[^"\\]|\\.)*")(?:@(\w+))?/g)];
  const own = found.filter(([, , language]) => language === wanted);
  return [...new Set((own.length ? own : found).map(([, text]) => JSON.parse(text)))];
}

async function send(token, graph) {
  const answer = await fetch(`${publish.dataset.data}?${new URLSearchParams({ graph })}`, {
    method: "POST",
    body: state.answer?.turtle || document.getElementById("turtle").textContent,
    headers: {
      Authorization: `Bearer ${token}`,
      "Content-Type": "text/turtle",
      Accept: "application/n-triples, application/problem+json;q=0.5",
    },
  });
  const { published, see, refused, denied, failed } = publish.dataset;
  if (answer.ok) {
    const generation = answer.headers.get("Atlas-Generation");
    const link = element("a", see, { href: state.answer?.page ?? "#" });
    const said = document.createElement("p");
    said.append(link);
    return outcomeOf("right", published.replace("{generation}", generation), said);
  }
  if (answer.status === 422) {
    const list = document.createElement("ul");
    list.append(...sentences(await answer.text()).map((text) => element("li", text)));
    return outcomeOf("fault", refused, list);
  }
  const problem = await answer.json().catch(() => ({}));
  const said = [401, 403].includes(answer.status) ? denied : failed;
  outcomeOf("fault", said, element("p", problem.detail ?? "", { lang: "en", class: "quietly" }));
}

publish.addEventListener("submit", async (event) => {
  event.preventDefault();
  const token = document.getElementById("token");
  const button = publish.querySelector("button");
  button.disabled = true;
  try {
    await send(token.value.trim(), publish.dataset.graphs + document.getElementById("graph").value);
  } catch {
    outcomeOf("fault", publish.dataset.failed);
  }
  token.value = "";
  button.disabled = false;
  button.focus();
});

publish.hidden = false;
document.getElementById("by-command").open = false;
// What a page that was sent shows, as data: to be published without another look.
if (all) check();
