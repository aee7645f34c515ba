"""The pages of queries, and the editor."""
