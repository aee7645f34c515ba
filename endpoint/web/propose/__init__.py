"""The forms by which a reader proposes to the atlas, made from the shapes."""
