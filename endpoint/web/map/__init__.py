"""The relation map."""
