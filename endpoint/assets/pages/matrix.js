// With a keyboard: the arrows go from cell to cell, Home and End to the ends of a row. Without this
// script Tab goes through them all.

const MOVES = {
  ArrowRight: [0, 1],
  ArrowLeft: [0, -1],
  ArrowDown: [1, 0],
  ArrowUp: [-1, 0],
};

for (const table of document.querySelectorAll("table.grid")) {
  const rows = [...table.tBodies[0].rows].map((row) => [...row.cells].map(linkIn));
  table.tBodies[0].addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
    const to = next(rows, event.target, event.key);
    if (!to) return;
    event.preventDefault();
    to.focus();
  });
}

// Whoever opened a cell wants to read it: a reader's place is there, not at the top of the page.
if (location.hash === "#cell") document.getElementById("cell")?.focus();

function linkIn(cell) {
  return cell.tagName === "TD" ? cell.querySelector("a") : null;
}

// Skips what is no link, such as a thing with itself.
function next(rows, link, key) {
  const row = rows.findIndex((cells) => cells.includes(link));
  if (row < 0) return null;
  const column = rows[row].indexOf(link);
  if (key === "Home") return rows[row].find(Boolean);
  if (key === "End") return rows[row].findLast(Boolean);
  if (!(key in MOVES)) return null;
  const [down, right] = MOVES[key];
  for (let r = row + down, c = column + right; rows[r] && c in rows[r]; r += down, c += right) {
    if (rows[r][c]) return rows[r][c];
  }
  return null;
}
