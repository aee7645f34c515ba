// What a federated query asked of whom, in words and tables.

import { element, number, paragraph } from "./dom.js";

const HERE = "(this atlas)";

// `shortened`: an IRI as a prefixed name, or in angle brackets.
export function planned(plan, words, shortened) {
  const left = plan.left_out.length ? [paragraph(`${words.left_out} ${plan.left_out.join(", ")}`)] : [];
  return element(
    "section",
    { className: "plan" },
    element("h3", {}, words.explained),
    totals(plan, words),
    ...left,
    element("h4", {}, words.steps),
    element("ol", {}, ...plan.steps.map((step) => line(step, words, shortened))),
  );
}

// Of each site: how often it was asked, how many rows and bytes it gave. This atlas asks itself
// without a request, so that nothing is counted of it.
function totals(plan, words) {
  const counts = (site) => {
    if (site === HERE && !(site in plan.totals)) return [element("td", { colSpan: 3 }, words.answers_here)];
    const { requests, rows, bytes } = plan.totals[site] ?? { requests: 0, rows: 0, bytes: 0 };
    return [requests, rows, bytes].map((one) => element("td", { className: "number" }, number(one)));
  };
  const head = [words.site, words.requests, words.rows_head, words.sent];
  return element(
    "div",
    { className: "scroll", tabindex: "0", role: "region", "aria-label": words.explained },
    element(
      "table",
      {},
      element(
        "thead",
        {},
        element("tr", {}, ...head.map((text, nth) => element("th", { scope: "col", className: nth ? "number" : null }, text))),
      ),
      element(
        "tbody",
        {},
        ...plan.sites.map((site) =>
          element("tr", {}, element("th", { scope: "row" }, words.named_site(site)), ...counts(site)),
        ),
      ),
    ),
  );
}

function line(step, words, shortened) {
  const sites = Object.entries(step.sites).map(
    ([site, rows]) => `${words.named_site(site)} (${number(rows)} ${words.expected})`,
  );
  const within = step.within.length ? `${step.within.join(" › ").toUpperCase()} : ` : "";
  const asked = [...step.patterns, ...step.filters].join(" ");
  const read = asked.replace(/<([^<>\s]+)>/g, (_, iri) => shortened(iri)).replaceAll(" rdf:type ", " a ");
  return element(
    "li",
    {},
    element("code", {}, within + read),
    element("small", {}, sites.join(" · ")),
  );
}
