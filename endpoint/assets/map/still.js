// While one thing is dragged among thousands, the others are not drawn anew.
//
// Cytoscape draws what is dragged on a canvas of its own, but goes on redrawing the canvas of the
// rest as its caches fill. The rest stands still: its picture is good until the thing is let go.

export function holdStill(cy) {
  const renderer = cy.renderer();
  const hint = renderer.redrawHint;
  let [started, still] = [false, false];
  renderer.redrawHint = function redrawHint(layer, on) {
    if (!(still && on && layer === "eles")) hint.call(this, layer, on);
  };
  cy.on("drag", "node", () => {
    started = true;
  });
  // The first picture of the drag is without the thing that is dragged.
  cy.on("render", () => {
    still = started;
  });
  cy.on("free", "node", () => {
    [started, still] = [false, false];
    renderer.redrawHint("eles", true);
    renderer.redraw();
  });
}
