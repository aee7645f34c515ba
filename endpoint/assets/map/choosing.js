// What is selected on the map: noted in the address, marked in the table, read beside the map.

import { note } from "./address.js";
import { mark as markOf } from "./arrangement.js";
import { light, spell } from "./drawing.js";
import { nothingPanel, relationPanel, thingPanel, thingSaid, told } from "./panel.js";
import { mark, partOf, shown, turn } from "./rows.js";

export class Choosing {
  // `map` has cy, data, dense, words, panel, arranging, and tell(key, values).
  constructor(map) {
    this.map = map;
    this.element = null;
  }

  // The thing that is selected, as the library draws it.
  get node() {
    return this.element?.isNode() ? this.element : null;
  }

  // The thing that is selected, as the page says it.
  get thing() {
    return this.node && this.map.data.things[this.node.data("number")];
  }

  // Select what the address says.
  restore() {
    const { selected, things, relations } = this.map.data;
    const is = ({ key }) => selected && key === selected;
    const thing = things.findIndex(is);
    const { line } = this.map.arranging.now;
    const relation = relations.findIndex(line ? (one) => this.factMark(one) === line : is);
    const id = thing >= 0 ? `t${thing}` : relation >= 0 ? `r${relation}` : "";
    this.choose(id ? this.map.cy.getElementById(id) : null);
  }

  // Select, and note it, and what is seen with it, in the address.
  take(element) {
    this.choose(element);
    const lines = this.lines();
    if (lines.length && partOf(lines[0]) !== shown()) turn(this.map.data, this.map.words, partOf(lines[0]));
    this.mark();
    this.noted();
    this.map.arranging.keep();
    this.map.tell(...this.heard());
  }

  choose(element) {
    const { cy, dense, panel } = this.map;
    this.element = element;
    light(cy, element);
    spell(cy, dense);
    panel.replaceChildren(...this.read());
    panel.classList.toggle("map-idle", !element);
    this.mark();
  }

  // The numbers of the relations that are selected, or that what is selected has.
  lines() {
    if (!this.element) return [];
    const edges = this.node ? this.node.connectedEdges() : this.element;
    return edges.map((edge) => edge.data("number"));
  }

  mark() {
    mark(this.lines(), this.element?.isEdge() ? this.element.data("number") : -1);
  }

  // In the address: what is selected, and the part of the table where it does not follow from that.
  noted() {
    const key = this.key();
    const follows = key ? partOf(this.lines()[0] ?? 0) : 1;
    note(key, shown() === follows ? 0 : shown());
    const fact = !key && this.element && this.map.data.relations[this.element.data("number")];
    this.map.arranging.now.line = fact ? this.factMark(fact) : "";
  }

  // A relation that no document describes, and that has no IRI, by its ends and its verb.
  factMark({ source, href, target }) {
    const { things } = this.map.data;
    return markOf([things[source].key, href.split("?")[0], things[target].key].join(" "));
  }

  key() {
    if (!this.element) return "";
    return (this.thing ?? this.map.data.relations[this.element.data("number")]).key;
  }

  // What is read beside the map.
  read() {
    const { words, data } = this.map;
    if (!this.element) return nothingPanel(words);
    if (this.thing) return thingPanel(words, data, this.thing, this.lines());
    return relationPanel(words, data, this.element.data("number"));
  }

  // What is heard: the thing, how many relations it has, and the first of them.
  heard() {
    if (!this.element) return ["none"];
    const { words, data } = this.map;
    const lines = this.lines();
    const first = lines.slice(0, 3).map((number) => told(data, number));
    if (!this.thing) return ["heard", { text: first[0] }];
    return ["heard", { text: [thingSaid(words, this.thing, lines.length), ...first].join(". ") }];
  }
}
