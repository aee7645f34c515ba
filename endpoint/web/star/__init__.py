"""A thing among its relations, drawn as a star."""
