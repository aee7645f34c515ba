// An answer as a table: names in place of IRIs, columns that sort, pages of fifty rows.

import { element, filled, number } from "./dom.js";

const PAGE = 50;
const LONGEST = 600;
const NUMERIC = /#(?:integer|decimal|double|float|int|long|short|byte|nonNegativeInteger)$/;

export class AnswerTable {
  // `answer`: {variables, rows}; `names`: Names; `words`: the texts of the page.
  constructor(answer, names, words) {
    Object.assign(this, { names, words, variables: answer.variables, rows: [...answer.rows] });
    this.first = 0;
    this.sorted = { variable: null, down: false };
    this.numeric = new Set(this.variables.filter((name) => isNumeric(this.rows, name)));
    this.place = element("div", {});
    if (this.rows.length > PAGE) this.place.append(this.pager());
  }

  async show(signal) {
    const shown = this.rows.slice(this.first, this.first + PAGE);
    await this.names.learn(iris(shown), signal);
    this.shown?.remove();
    this.shown = this.table(shown);
    this.place.prepend(this.shown);
    this.turned();
    return this.place;
  }

  table(shown) {
    const head = element("tr", {}, ...this.variables.map((name) => this.head(name)));
    const lines = shown.map((row) =>
      element("tr", {}, ...this.variables.map((name) => this.cell(name, row[name]))),
    );
    const table = element(
      "table",
      {},
      element("thead", {}, head),
      element("tbody", {}, ...lines),
    );
    return element(
      "div",
      { className: "scroll answer", tabindex: "0", role: "region", "aria-label": this.words.answer },
      table,
    );
  }

  head(name) {
    const { variable, down } = this.sorted;
    const order = variable === name ? (down ? "descending" : "ascending") : null;
    const text = name === "sources" ? this.words.sources : name;
    const button = element(
      "button",
      { type: "button", className: "sorting", title: this.words.sort },
      text,
    );
    button.addEventListener("click", () => this.sort(name));
    const className = this.numeric.has(name) ? "number" : null;
    return element("th", { scope: "col", className, "aria-sort": order }, button);
  }

  async sort(name) {
    const down = this.sorted.variable === name && !this.sorted.down;
    this.sorted = { variable: name, down };
    this.first = 0;
    // Names sort as they are read, so they must be known first; of very many, IRIs do.
    if (this.rows.length <= 2000) await this.names.learn(iris(this.rows));
    const key = (row) => this.key(name, row[name]);
    const order = new Intl.Collator(document.documentElement.lang, { numeric: true });
    const compare = this.numeric.has(name) ? (a, b) => a - b : order.compare;
    const keyed = this.rows.map((row) => [key(row), row]);
    keyed.sort(([one], [other]) => (down ? compare(other, one) : compare(one, other)));
    this.rows = keyed.map(([, row]) => row);
    await this.show();
    this.place.querySelector("th[aria-sort] button")?.focus();
  }

  key(name, term) {
    if (this.numeric.has(name)) return term === undefined ? -Infinity : Number(term.value);
    if (term === undefined) return "";
    return term.type === "uri" ? this.names.of(term.value).text : term.value;
  }

  cell(name, term) {
    const className = this.numeric.has(name) ? "number" : null;
    return element("td", { className }, ...(name === "sources" ? this.sites(term) : [this.term(term)]));
  }

  term(term) {
    if (term === undefined) return "";
    if (term.type === "triple") return JSON.stringify(term.value);
    if (term.type !== "uri") {
      const text = term.value.slice(0, LONGEST);
      return element("span", { lang: term["xml:lang"], dir: "auto" }, text);
    }
    return this.link(term.value);
  }

  link(iri) {
    const { text, language, named } = this.names.of(iri);
    const href = this.names.href(iri);
    const external = href === iri;
    const shown = element("bdi", {}, text.slice(0, LONGEST));
    const short = text !== iri;
    const fields = { lang: language || null, title: short ? iri : external ? this.words.outward : null };
    if (!href) return element("span", fields, shown);
    const className = named ? "named" : "iri";
    return element(
      "a",
      { ...fields, href, className, rel: external ? "external nofollow noreferrer" : null },
      shown,
    );
  }

  // The sites that hold a row, with spaces between their IRIs.
  sites(term) {
    const found = (term?.value ?? "").split(" ").filter(Boolean);
    return found.flatMap((iri, place) => [place ? ", " : "", this.words.site_called(iri)]);
  }

  // The way to the other pages of rows: made once, so that the focus stays where one pressed.
  pager() {
    const [previous, next] = [[this.words.previous, -PAGE], [this.words.next, PAGE]].map(([word, step]) => {
      const button = element("button", { type: "button", className: "quiet" }, word);
      button.addEventListener("click", () => {
        this.first += step;
        this.show();
      });
      return button;
    });
    const said = element("span", { className: "quietly", role: "status" });
    this.turning = { previous, said, next };
    return element("p", { className: "actions" }, previous, said, next);
  }

  // Say which rows are shown. At an end, what leads no further hands on its focus.
  turned() {
    if (!this.turning) return;
    const { previous, said, next } = this.turning;
    const last = Math.min(this.first + PAGE, this.rows.length);
    const focused = document.activeElement;
    previous.disabled = this.first === 0;
    next.disabled = last === this.rows.length;
    if (focused === previous && previous.disabled) next.focus();
    if (focused === next && next.disabled) previous.focus();
    said.textContent = filled(this.words.page, { from: number(this.first + 1), to: number(last) });
  }
}

function isNumeric(rows, name) {
  const bound = rows.map((row) => row[name]).filter(Boolean);
  return bound.length > 0 && bound.every(({ datatype }) => NUMERIC.test(datatype ?? ""));
}

function* iris(rows) {
  for (const row of rows) {
    for (const term of Object.values(row)) if (term.type === "uri") yield term.value;
  }
}
