"""Queries over HTTP: answered here or with partners, and what the service says of itself."""
