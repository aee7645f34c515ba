// The legend of a picture: what its shapes, lines and hues mean, in rows as wide as the picture. In
// pixels, as paths that are drawn alike into an SVG document and onto a canvas.

import { DASHES, hue, tint } from "./look.js";
import { circled, textWidth } from "./measure.js";
import { corners } from "./shapes.js";

export const LETTERS = 13;
const [ROW, MARK, SIGN, GAP, BETWEEN] = [26, 30, 16, 8, 24];
const PILL = "M 8 0 H 22 A 8 8 0 0 1 22 16 H 8 A 8 8 0 0 1 8 0 Z";
const DISC = "M 7 8 A 8 8 0 0 1 23 8 A 8 8 0 0 1 7 8 Z";

// `said`: { kinds, statuses, components } as the page says them, each a list of [what, text]; `room` is
// the width. Gives { height, items }: each has its place x and y, the path `d` of its mark with how it is
// painted, and its text.
export function legend({ kinds, statuses, components }, room, colours) {
  const marks = [
    kinds.map(([kind, text]) => ({ d: shape(kind), fill: colours.raised, stroke: colours["strong-line"], text })),
    statuses.map(([status, text]) => ({ d: `M 0 8 H ${MARK}`, stroke: colours[status] ?? colours["strong-line"], dash: DASHES[status], text })),
    components.map(([number, text]) => ({
      d: DISC,
      fill: tint(hue(colours, number), colours.paper, 0.6),
      stroke: hue(colours, number),
      text: `${circled(number)} ${text}`,
    })),
  ];
  const items = [];
  let y = 0;
  for (const some of marks.filter((each) => each.length)) {
    y = inRows(some, y, room, colours, items);
  }
  return { height: y, items };
}

// Put marks one beside the other from a height on; the height under them.
function inRows(marks, top, room, colours, items) {
  let [x, y] = [0, top];
  for (const mark of marks) {
    const width = MARK + GAP + textWidth(mark.text, LETTERS, colours.sans);
    if (x && x + width > room) [x, y] = [0, y + ROW];
    items.push({ x, y, textX: MARK + GAP, textY: SIGN - 3, ...mark });
    x += width + BETWEEN;
  }
  return y + ROW;
}

function shape(kind) {
  const found = corners(kind);
  if (!found) return PILL;
  const points = [];
  for (let nth = 0; nth < found.length; nth += 2) {
    points.push(`${((found[nth] + 1) / 2) * MARK} ${((found[nth + 1] + 1) / 2) * SIGN}`);
  }
  return `M ${points.join(" L ")} Z`;
}
