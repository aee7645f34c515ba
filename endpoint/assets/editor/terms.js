// What the editor proposes: the classes and properties in use, found by name or by label.

import { prefixed } from "./prefixed.js";

const LONGEST = 60;
const folded = (text) =>
  text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();

export class Terms {
  // `proposals`: {prefixes, terms} as the server counts them, the most used first.
  constructor({ prefixes, terms }) {
    this.prefixes = prefixes;
    this.terms = terms.map((term) => {
      const name = this.name(term.iri);
      return { ...term, name, local: folded(name.split(":").at(-1)), words: folded(term.label) };
    });
  }

  static async load(address) {
    const response = await fetch(address, { headers: { Accept: "application/json" } });
    if (!response.ok) throw new Error(`HTTP ${response.status}`);
    return new Terms(await response.json());
  }

  // The IRI as a prefixed name where one of our prefixes fits, else in angle brackets.
  name(iri) {
    return prefixed(iri, this.prefixes) ?? `<${iri}>`;
  }

  // The terms of a kind ("class", "property") that fit what is written so far, best first.
  matching(written, kind) {
    const text = folded(written);
    const local = text.split(":").at(-1);
    const prefix = text.includes(":") ? text.slice(0, text.indexOf(":") + 1) : "";
    const whole = written.startsWith("<") ? written.slice(1) : null;
    const ranked = [];
    for (const term of this.terms) {
      if (term.kind !== kind) continue;
      if (whole !== null ? !term.iri.startsWith(whole) : prefix && !folded(term.name).startsWith(prefix)) continue;
      const rank = whole !== null ? 0 : this.rank(term, text, local);
      if (rank < 9) ranked.push([rank, term]);
    }
    ranked.sort(([one], [other]) => one - other);
    return ranked.slice(0, LONGEST).map(([, term]) => term);
  }

  rank(term, text, local) {
    if (!local) return 1;
    if (folded(term.name).startsWith(text)) return 0;
    if (term.local.startsWith(local)) return 1;
    if (term.words.startsWith(local)) return 2;
    if (term.words.includes(` ${local}`)) return 3;
    return term.local.includes(local) ? 4 : 9;
  }
}
