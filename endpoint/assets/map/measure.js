// How texts break into lines, and how large the box is that holds them.

const LINES = 4;
const canvas = document.createElement("canvas").getContext("2d");

export const LEADING = 1.2;
// A line holds about so many letters, more for the sake of a long word.
const [LETTERS, MOST_LETTERS] = [9.5, 12];

// The lines of a label in letters of a size, and the width and height of its box.
export function box(text, size, family) {
  canvas.font = `${size}px ${family}`;
  const words = text.split(/\s+/).map((word) => canvas.measureText(word).width);
  const room = Math.max(LETTERS * size, Math.min(Math.max(...words), MOST_LETTERS * size));
  const lines = broken(text, room);
  const width = Math.max(...lines.map((line) => canvas.measureText(line).width));
  return {
    lines,
    width: Math.round(width + size * 1.8),
    height: Math.round(lines.length * LEADING * size + size * 0.9),
  };
}

function broken(text, room) {
  const lines = [];
  let line = "";
  for (const word of text.split(/\s+/).flatMap((word) => pieces(word, room))) {
    const longer = line ? `${line} ${word}` : word;
    if (canvas.measureText(longer).width <= room) line = longer;
    else {
      if (line) lines.push(line);
      line = word;
    }
  }
  lines.push(line);
  if (lines.length <= LINES) return lines;
  return [...lines.slice(0, LINES - 1), `${lines[LINES - 1].replace(/[\s,;:]+$/, "")}…`];
}

// A word that is longer than a line breaks anywhere, but not within a character.
function pieces(word, room) {
  if (canvas.measureText(word).width <= room) return [word];
  const found = [""];
  for (const character of word) {
    const longer = found.at(-1) + character;
    if (canvas.measureText(longer).width <= room) found[found.length - 1] = longer;
    else found.push(character);
  }
  return found;
}
