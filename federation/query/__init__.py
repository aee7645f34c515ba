"""A query's text, read as parts and patterns, and written again with rows in it."""
