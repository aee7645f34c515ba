"""A reader's own map, kept in its address or in a file."""
