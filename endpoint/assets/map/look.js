// How the map looks: colours and letters from the site's own styles, in light and in dark.

import { LEADING } from "./measure.js";
import { KINDS, corners } from "./shapes.js";

const COLOURS = ["paper", "raised", "ink", "quiet", "line", "strong-line", "accent", "possible", "missing", "broken"];
const COMPONENTS = [1, 2, 3, 4, 5, 6, 7];
export const DASHES = { possible: [7, 4], missing: [2, 5], broken: [11, 3, 2, 3] };

// What the tokens of the styles come to: colours as rgb(…), families of letters as they are written.
export function palette(scheme = "") {
  const probe = document.createElement("span");
  probe.style.colorScheme = scheme;
  probe.style.forcedColorAdjust = "none"; // Else every colour may come to be the same one.
  document.body.append(probe);
  const resolved = (name) => {
    probe.style.color = `var(--${name})`;
    return getComputedStyle(probe).color;
  };
  const found = Object.fromEntries(COLOURS.map((name) => [name, resolved(name)]));
  found.components = Object.fromEntries(COMPONENTS.map((n) => [n, resolved(`component-${n}`)]));
  const letters = getComputedStyle(document.documentElement);
  found.serif = letters.getPropertyValue("--serif").trim();
  found.sans = letters.getPropertyValue("--sans").trim();
  probe.remove();
  return found;
}

// A colour laid thinly over another.
export function tint(colour, ground, part = 0.14) {
  const [over, under] = [colour, ground].map((text) => text.match(/[\d.]+/g).map(Number));
  return `rgb(${[0, 1, 2].map((n) => Math.round(under[n] + (over[n] - under[n]) * part)).join(",")})`;
}

export function hue(colours, component) {
  return colours.components[component] ?? colours["strong-line"];
}

export function style(colours, dense) {
  return [
    ...things(colours, dense),
    ...COMPONENTS.flatMap((component) => [
      {
        selector: `node[component = ${component}]`,
        style: {
          "border-color": hue(colours, component),
          "background-color": tint(hue(colours, component), colours.paper),
        },
      },
      {
        selector: `node.far[component = ${component}]`,
        style: { "background-color": tint(hue(colours, component), colours.paper, 0.6) },
      },
    ]),
    { selector: "node[centre = 1]", style: { "border-width": 3.5 } },
    ...relations(colours, dense),
    { selector: ".faded", style: { opacity: 0.22 } },
    { selector: "node.chosen", style: { "border-color": colours.accent, "border-width": 4, "z-index": 9 } },
    {
      selector: "edge.chosen",
      style: { "line-color": colours.accent, "target-arrow-color": colours.accent, width: 3, "z-index": 9 },
    },
    { selector: "edge.near", style: { "min-zoomed-font-size": 0 } },
    { selector: "core", style: { "active-bg-opacity": 0, "selection-box-opacity": 0 } },
  ];
}

function things(colours, dense) {
  const common = {
    width: "data(width)",
    height: "data(height)",
    shape: "round-rectangle",
    "corner-radius": 40,
    "background-color": colours.raised,
    "border-color": colours["strong-line"],
    "border-width": 1.75,
    color: colours.ink,
    "font-family": colours.serif,
    "overlay-opacity": 0,
  };
  const within = {
    label: "data(label)",
    "font-size": "data(size)",
    "text-valign": "center",
    "text-wrap": "wrap",
    "text-max-width": 400,
    "line-height": LEADING,
  };
  // From afar, and on many dots always, names stand beside their things: names.js.
  const beside = {
    label: "data(written)",
    "font-size": "data(letters)",
    "text-valign": "bottom",
    "text-margin-x": "data(aside)",
    "text-margin-y": "data(under)",
    "text-max-width": 1e6, // The lines are broken already.
    "text-background-color": colours.paper,
    "text-background-opacity": 0.7,
    "z-index": 5,
  };
  const shapes = KINDS.map((kind) => ({
    selector: `node[kind = "${kind}"]`,
    style: { shape: "polygon", "shape-polygon-points": corners(kind).join(" ") },
  }));
  return [
    { selector: "node", style: dense ? common : { ...common, ...within } },
    {
      selector: "node.far",
      style: {
        label: "",
        width: "data(across)",
        height: "data(across)",
        "background-color": tint(colours["strong-line"], colours.paper, 0.5),
        "text-wrap": "wrap",
        "line-height": LEADING,
      },
    },
    { selector: "node.far.named", style: beside },
    ...shapes,
  ];
}

function relations(colours, dense) {
  const common = {
    width: dense ? 1 : 2,
    "line-color": colours["strong-line"],
    "curve-style": dense ? "haystack" : "bezier",
    "haystack-radius": 0,
    "target-arrow-shape": dense ? "none" : "triangle",
    "target-arrow-color": colours["strong-line"],
    "arrow-scale": 0.9,
    "overlay-opacity": 0,
    color: colours.accent,
    "font-family": colours.sans,
    "font-size": "data(letters)",
    "font-weight": 600,
    // Along its line and beside it, so that both are seen.
    "text-rotation": "autorotate",
    "text-margin-x": "data(aside)",
    "text-margin-y": "data(above)",
    "text-background-color": colours.paper,
    "text-background-opacity": 0.8,
    "text-background-padding": 1,
    "min-zoomed-font-size": 6,
  };
  return [
    { selector: "edge", style: common },
    { selector: "edge.written", style: { label: "data(verb)" } },
    { selector: "edge[fact = 1]", style: { "line-color": tint(colours["strong-line"], colours.paper, 0.65), width: 1 } },
    ...Object.entries(DASHES).map(([status, pattern]) => ({
      selector: `edge[status = "${status}"]`,
      style: {
        "line-color": colours[status],
        "target-arrow-color": colours[status],
        "line-style": "dashed",
        "line-dash-pattern": pattern,
        width: status === "missing" ? 3 : 2.25,
      },
    })),
    { selector: "edge.far", style: { width: "data(thick)" } },
  ];
}
