// How texts break into lines, and how large the box is that holds them.

const LINES = 4;
const WORDS = /\s+|\S+|^$/g;
const HYPHENED = /\s+|[^\s-]*-|[^\s-]+/g;
const canvas = document.createElement("canvas").getContext("2d");

export const LEADING = 1.2;
export const VERB = 12;
// The number of a component goes with its hue, everywhere.
const CIRCLED = ["", "①", "②", "③", "④", "⑤", "⑥", "⑦"];

// The number of a component goes with its hue, everywhere.
export const circled = (number) => CIRCLED[number] ?? `(${number})`;
// A line holds about so many letters, more for the sake of a long word.
const [LETTERS, MOST_LETTERS] = [9.5, 12];
// Under a dot there is more room across than down.
const NAME_LETTERS = 13;
const LARGE = 100;
const [names, verbs] = [new Map(), new Map()];

// The lines of a label in letters of a size, and the width and height of its box.
export function box(text, size, family) {
  canvas.font = `${size}px ${family}`;
  const longest = Math.max(0, ...(text.match(HYPHENED) ?? []).map((one) => canvas.measureText(one).width));
  const room = Math.max(LETTERS * size, Math.min(longest, MOST_LETTERS * size));
  const lines = broken(text, room);
  const width = Math.max(...lines.map((line) => canvas.measureText(line).width));
  return {
    lines,
    width: Math.round(width + size * 1.8),
    height: Math.round(lines.length * LEADING * size + size * 0.9),
  };
}

export function textWidth(text, size, family) {
  canvas.font = `${size}px ${family}`;
  return canvas.measureText(text).width;
}

// The width of a verb in letters of a size, as look.js writes it. It is measured once.
export function verbWidth(text, size, family) {
  if (!verbs.has(text)) {
    canvas.font = `600 ${LARGE}px ${family}`;
    verbs.set(text, canvas.measureText(text).width);
  }
  return (verbs.get(text) * size) / LARGE;
}

// The lines of a name under its dot, and their width in letters of a size. They are broken once: the
// lines are the same in letters of every size, and names are placed anew after each movement.
export function nameBox(text, size, family) {
  if (!names.has(text)) names.set(text, measuredName(text, family));
  const { lines, width } = names.get(text);
  return { lines, width: (width * size) / LARGE };
}

function measuredName(text, family) {
  canvas.font = `${LARGE}px ${family}`;
  const lines = broken(text, NAME_LETTERS * LARGE);
  return { lines, width: Math.max(...lines.map((line) => canvas.measureText(line).width)) };
}

// Breaks at spaces; a word that is longer than a line breaks after a hyphen, else anywhere, but not
// within a character.
function broken(text, room) {
  const lines = [];
  let line = "";
  for (const piece of text.match(WORDS).flatMap((one) => fitting(one, room))) {
    const longer = line + piece;
    if (canvas.measureText(longer.trimEnd()).width <= room) line = longer;
    else {
      if (line.trim()) lines.push(line.trim());
      line = piece.trimStart();
    }
  }
  lines.push(line.trim());
  if (lines.length <= LINES) return lines;
  return [...lines.slice(0, LINES - 1), `${lines[LINES - 1].replace(/[\s,;:]+$/, "")}…`];
}

function fitting(word, room) {
  const fits = (text) => canvas.measureText(text).width <= room;
  if (fits(word)) return [word];
  const found = [];
  for (const piece of word.match(HYPHENED)) {
    found.push("");
    for (const character of piece) {
      if (fits(found.at(-1) + character)) found[found.length - 1] += character;
      else found.push(character);
    }
  }
  return found;
}
