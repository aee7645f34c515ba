// Shapes by kind of thing, as corners from -1 to 1; what is not listed has round ends.

const SHAPES = {
  question: [-0.86, -1, 0.86, -1, 1, 0, 0.86, 1, -0.86, 1, -1, 0],
  actor: [-1, -1, 1, -1, 1, 1, -1, 1],
  territory: [-0.88, -1, 1, -1, 0.88, 1, -1, 1],
  action: [-1, -1, 0.86, -1, 1, 0, 0.86, 1, -1, 1],
  document: [-1, -1, 0.86, -1, 1, -0.5, 1, 1, -1, 1],
};

export const KINDS = Object.keys(SHAPES);

export function corners(kind) {
  return SHAPES[kind] ?? null;
}
