// What things are called: the names of many in one request, each asked for once.

import { results } from "./ask.js";
import { prefixed } from "./prefixed.js";

const MOST = 2000;
const LANGUAGES = ["fr", "en", "es"];
// The pages of what is named under the base, and under the project's own namespace.
const PAGES = { "/id/": "/doc/", "/graph/": "/datasets/" };
const TERMS = ["/ontology/", "/vocabulary/", "/module/"];
const ROOT = "https://w3id.org/atlas-relationnel";
const NAMEABLE = /^(?:https?:\/\/|urn:)[^\s<>"{}|\\^`]{1,1990}$/;

export class Names {
  // `text`: the named query that gives names, with its list of things as ?_things.
  // `prefixes`: namespaces by prefix; `root`: the path under which the atlas is served.
  constructor({ address, text, base, prefixes, root, language }) {
    Object.assign(this, { address, text, base, prefixes, root });
    this.languages = [...new Set([language, ...LANGUAGES, ""])];
    this.known = new Map();
  }

  // Learn the names of these IRIs; those known already are not asked for again.
  async learn(iris, signal) {
    const wanted = [...new Set(iris)].filter((iri) => !this.known.has(iri) && NAMEABLE.test(iri));
    for (let start = 0; start < wanted.length; start += MOST) {
      const block = wanted.slice(start, start + MOST);
      const values = block.map((iri) => `<${iri}>`).join(" ");
      const query = this.text.replace("?_things", () => values);
      for (const iri of block) this.known.set(iri, {});
      for (const { thing, label } of await results(this.address, query, signal)) {
        const texts = this.known.get(thing.value);
        const language = label["xml:lang"] ?? "";
        if (texts && !(texts[language] <= label.value)) texts[language] = label.value;
      }
    }
  }

  // {text, language, named}: the name in the reader's language or another, else the IRI, shortened.
  of(iri) {
    const texts = this.known.get(iri) ?? {};
    const language = this.languages.find((one) => one in texts) ?? Object.keys(texts)[0];
    if (language !== undefined) return { text: texts[language], language, named: true };
    return { text: this.shortened(iri), language: "", named: false };
  }

  // An IRI that nobody has named, as the pages of the server show it: a prefixed name where one of
  // our prefixes fits, else without what all IRIs of this atlas begin with.
  shortened(iri) {
    const own = `${this.base}/id/`;
    return prefixed(iri, this.prefixes) ?? (iri.startsWith(own) ? iri.slice(own.length) : iri);
  }

  // Where a name leads: a page of this atlas, which has one too of what it names of another site;
  // else the web, or nowhere.
  href(iri) {
    const lang = `lang=${document.documentElement.lang}`;
    const here = this.path(iri);
    if (here) return `${this.root}${here}?${lang}`;
    if (this.of(iri).named) return `${this.root}/about?iri=${encodeURIComponent(iri)}&${lang}`;
    return /^https?:\/\//.test(iri) ? iri : null;
  }

  path(iri) {
    const thing = iri.startsWith(this.base) ? iri.slice(this.base.length) : "";
    const place = Object.keys(PAGES).find((start) => thing.startsWith(start));
    if (place) return PAGES[place] + thing.slice(place.length);
    const term = iri.startsWith(ROOT) ? iri.slice(ROOT.length) : "";
    return TERMS.some((start) => term.startsWith(start)) ? term : null;
  }
}
