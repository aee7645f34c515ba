"""Writes over HTTP: updates, whole graphs, and the tokens that allow them."""
